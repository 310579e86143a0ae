import type { Emit, Event } from '../engine/event.ts'
import { eventLines } from './event-lines.ts'
import { heartbeat } from './heartbeat.ts'
import { recap } from './recap.ts'
import { duration, type Paint } from './style.ts'

export interface ConsoleOptions {
  readonly write: (line: string) => void
  readonly paint: Paint
  /** print the diff of each change */
  readonly diff: boolean
  /** 1: what did not change, too; 2: what is begun, and stack traces; 3: what changes printed */
  readonly verbosity: number
  /** say every ten seconds what still runs: where no live view shows it; true unless told */
  readonly heartbeat?: boolean
}

/** Lines for a person: what changes, what fails, a recap; silence for what is as it should be. */
export function consoleReporter(options: ConsoleOptions): Emit {
  const { write, paint, diff, verbosity } = options
  let check = false
  let names = 8
  const say = (lines: readonly string[]) => {
    for (const line of lines) write(line)
  }
  const beat =
    options.heartbeat === false
      ? undefined
      : heartbeat((host, id, ms) => {
          write(`  ${host.padEnd(names)} ${paint('dim', `still    ${id}  ${duration(ms)}`)}`)
        })
  return (event: Event) => {
    beat?.(event)
    if (event.type === 'run') check = event.check
    // Wide enough for the play's names, not for the one that is longer than any line should be.
    if (event.type === 'play') names = Math.min(24, Math.max(names, ...event.on.map((host) => host.length)))
    say(eventLines(event, { paint, diff, verbosity, names }))
    if (event.type === 'recap') {
      if (event.tallies.length > 0) say(['', ...recap(event.tallies, { check, paint, all: verbosity > 0 })])
      write(paint('dim', `  ${duration(event.ms)}`))
    }
  }
}
