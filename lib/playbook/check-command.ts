import { type Part, parts } from '../check/parts.ts'
import type { WrittenFiles } from '../check/written.ts'
import type { Play } from '../engine/play.ts'
import { exit, UsageError } from '../error.ts'
import { didYouMean } from '../nearest.ts'
import { duration } from '../report/style.ts'
import type { Args, Flags } from './flags.ts'

export const checkFlags = {
  env: { about: 'only this environment, of all under inventory/', value: 'NAME', short: 'e', counts: true },
  skip: { about: `leave out ${parts.join(', ')}`, value: 'PART,…', counts: true },
  json: { about: 'each finding as a line of JSON; all else goes to standard error' },
} as const satisfies Flags

/** A project, and where what is found is said. */
export interface CheckedProject {
  /** its folder: inventory/, playbooks/, roles/ and docker/ are in it */
  readonly root: string
  /** every play whose roles its inventories may hold variables for */
  plays(): Promise<readonly Play[]>
  /** what is written from a model; nothing if it is left out */
  written?(): Promise<WrittenFiles>
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
}

/** `npm run check`: tells what lib/check finds, and how long it took. Gives the exit code. */
export async function checkCommand(project: CheckedProject, args: Args): Promise<number> {
  const { root, print, printError } = project
  const [word] = args.positionals
  if (word !== undefined) throw new UsageError(`what is "${word}"?`, 'check.ts takes flags alone; see --help')
  const skip = skipped(args)
  const started = performance.now()
  const { check } = await import('../check/check.ts')
  const { told } = await import('../check/finding.ts')
  const plays = await project.plays()
  const written = await project.written?.()
  const { findings, notes, took, inventories, files } = await check({
    root,
    plays,
    envs: args.texts('env'),
    skip,
    ...(written && { written }),
  })
  const json = args.has('json')
  const say = json ? printError : print
  for (const each of findings) print(json ? JSON.stringify(each) : told(each))
  for (const note of notes) say(`note: ${note}`)
  const times = [...took].map(([part, ms]) => `${part} ${duration(ms)}`).join(', ')
  const what = `${count(inventories, 'inventory', 'inventories')} and ${count(files, 'file', 'files')}`
  say(`${count(findings.length, 'finding', 'findings')} in ${what}`)
  say(`${duration(performance.now() - started)}: ${times}`)
  return findings.length === 0 ? exit.done : exit.failed
}

function skipped(args: Args): readonly Part[] {
  const words = args.texts('skip').flatMap((text) => text.split(',').map((word) => word.trim()))
  return words.map((word) => {
    const part = parts.find((each) => each === word)
    if (part === undefined)
      throw new UsageError(`--skip: there is no part "${word}"`, didYouMean(word, parts) ?? parts.join(', '))
    return part
  })
}

function count(number: number, one: string, many: string): string {
  return number === 1 ? `1 ${one}` : `${number === 0 ? 'no' : number} ${many}`
}
