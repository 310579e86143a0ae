import type { Emit } from '../engine/event.ts'
import { consoleReporter } from '../report/console.ts'
import { canBeLive, type Live, startLive } from '../report/live.ts'
import { redact, redactDeep } from '../secret/index.ts'
import type { Args } from './flags.ts'
import type { Life } from './program.ts'

/** Everyone who is told of a run. */
export interface Reporters {
  /** tells all of them; what programs on hosts print comes through here, so secrets in it are redacted first */
  readonly emit: Emit
  /** a line for a person: above the live view, and on standard error where events are on standard output */
  readonly print: (line: string) => void
  /** makes room for a question at the terminal; nothing is drawn before `resume` */
  readonly suspend: () => void
  readonly resume: () => void
  /** notes what ended the run before its end */
  readonly failed: (error: unknown) => void
  /** ends the live view and writes the files, once */
  readonly close: () => void
}

/** The reporters that a command line asks for. Throws a UsageError where a report could not be written. */
export async function reportersOf(
  args: Args,
  life: Pick<Life, 'paint' | 'print' | 'signal'>,
): Promise<Reporters> {
  const { paint, signal } = life
  const live = liveOf(args, life)
  const print = (line: string) => (live === undefined ? life.print(line) : live.print(redact(line)))
  const report = consoleReporter({
    write: live?.print ?? life.print,
    paint,
    diff: args.has('diff'),
    verbosity: args.count('verbose'),
    heartbeat: live === undefined,
  })
  const everyone: readonly Emit[] = [report, ...(live === undefined ? [] : [live.follow])]
  return {
    emit: (event) => {
      const safe = redactDeep(event)
      for (const each of everyone) each(safe)
    },
    print,
    suspend: () => live?.suspend(),
    resume: () => live?.resume(),
    failed: () => live?.close(),
    close: () => live?.close(),
  }

  function liveOf(args: Args, { paint }: Pick<Life, 'paint'>): Live | undefined {
    if (args.has('no-live') || !canBeLive(process.stdout, process.env)) return undefined
    return startLive({ paint, signal })
  }
}
