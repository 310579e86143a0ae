import { exit, QuaysideError } from '../error.ts'

/**
 * The first Ctrl-C (or SIGTERM) aborts the signal: what runs on the hosts is let finish, what was begun is undone.
 * The second ends the process at once; the next run then finds the journal and repairs.
 */
export function onInterrupt(say: (line: string) => void): AbortSignal {
  const controller = new AbortController()
  const stop = (name: string) => {
    if (controller.signal.aborted) process.exit(exit.interrupted)
    say(`${name}: stopping after what runs now; once more stops at once`)
    controller.abort(new QuaysideError('interrupted', { exitCode: exit.interrupted }))
  }
  process.on('SIGINT', () => stop('interrupted'))
  process.on('SIGTERM', () => stop('terminated'))
  return controller.signal
}
