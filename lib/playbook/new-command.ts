import type { Play } from '../engine/play.ts'
import { exit, UsageError } from '../error.ts'
import { didYouMean } from '../nearest.ts'
import type { Args, Flags } from './flags.ts'

const things = ['role', 'playbook', 'env'] as const

export const newFlags = {
  role: { about: 'with playbook: the role it plays; the one of its name unless told', value: 'ROLE' },
} as const satisfies Flags

/** A project that is added to. */
export interface Project {
  readonly root: string
  /** whose roles a new environment says the variables of */
  plays(): Promise<readonly Play[]>
  readonly print: (line: string) => void
}

/** `new.ts role|playbook|env NAME`: writes the files, says which, and what to type next. Gives the exit code. */
export async function newCommand(project: Project, args: Args): Promise<number> {
  const [word, name, extra] = args.positionals
  const thing = things.find((each) => each === word)
  if (thing === undefined) throw unknownThing(word)
  if (name === undefined) throw new UsageError('which name?', `npx zx playbooks/new.ts ${thing} NAME`)
  if (extra !== undefined) throw new UsageError(`new.ts ${thing} takes no "${extra}"`)
  if (args.has('role') && thing !== 'playbook') throw new UsageError('--role goes with new.ts playbook')
  const { written, next } = await make(project, thing, name, args.text('role'))
  for (const path of written) project.print(`wrote ${path}`)
  project.print('')
  for (const line of next) project.print(line)
  return exit.done
}

async function make(
  { root, plays }: Project,
  thing: (typeof things)[number],
  name: string,
  role: string | undefined,
) {
  switch (thing) {
    case 'role':
      return (await import('../scaffold/role.ts')).newRole(root, name)
    case 'playbook':
      return (await import('../scaffold/playbook.ts')).newPlaybook(root, name, role)
    case 'env':
      return (await import('../scaffold/env.ts')).newEnvironment(root, name, await plays())
  }
}

function unknownThing(word: string | undefined): UsageError {
  if (word === undefined) return new UsageError('a new what?', things.join(', '))
  return new UsageError(`new.ts makes no "${word}"`, didYouMean(word, things) ?? things.join(', '))
}
