import type { Facts } from './facts.ts'
import { fact, type Owner } from './tree.ts'

/** What is not as wished of a thing's mode and owner. */
export function wrongAccess(facts: Facts, at: string, mode: number, owner: Owner): string | undefined {
  const wanted = [octal(mode), String(owner.uid), String(owner.gid)]
  const is = [fact(facts, at, 'mode'), fact(facts, at, 'uid'), fact(facts, at, 'gid')]
  return wanted.join() === is.join() ? undefined : `${at} has ${is.join()}, not ${wanted.join()}`
}

/** Holds a summary to name just what changes of mode and owner: "mode 0600 → 0644", and nothing where it stays. */
export function accessForetold(summary: string, before: Facts, after: Facts, at: string): void {
  const modes = [fact(before, at, 'mode'), fact(after, at, 'mode')]
  const said = /mode (\d{4}) → (\d{4})/.exec(summary)?.slice(1)
  const wanted = modes[0] === modes[1] ? undefined : modes
  if (said?.join() !== wanted?.join()) throw new Error(`"${summary}", but the mode was ${modes.join(' → ')}`)
  for (const [word, key] of [
    ['owner', 'uid'],
    ['group', 'gid'],
  ] as const) {
    const differs = fact(before, at, key) !== fact(after, at, key)
    if (differs !== new RegExp(`(?:^|, )${word} \\S+ → \\S+`).test(summary)) {
      throw new Error(`"${summary}" is not what became of the ${word}`)
    }
  }
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
