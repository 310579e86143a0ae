import { exit, QuaysideError } from '../error.ts'

/** What Ctrl-C does to this process. */
export interface Interruption {
  /** aborted by the first Ctrl-C (or SIGTERM) */
  readonly signal: AbortSignal
  /** called, at once and without waiting, before a second one ends the process: to say what was done */
  onForcedStop(say: () => void): void
}

/**
 * The first Ctrl-C (or SIGTERM) aborts the signal: what runs on the hosts is let finish, what was begun is undone.
 * The second ends the process at once; the next run then finds the journal and repairs.
 */
export function onInterrupt(say: (line: string) => void): Interruption {
  const controller = new AbortController()
  const farewells: (() => void)[] = []
  const stop = (name: string) => {
    if (controller.signal.aborted) {
      for (const farewell of farewells) farewell()
      process.exit(exit.interrupted)
    }
    say(`${name}: stopping after what runs now; once more stops at once`)
    controller.abort(new QuaysideError('interrupted', { exitCode: exit.interrupted }))
  }
  process.on('SIGINT', () => stop('interrupted'))
  process.on('SIGTERM', () => stop('terminated'))
  return { signal: controller.signal, onForcedStop: (farewell) => farewells.push(farewell) }
}
