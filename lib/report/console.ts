import type { Emit, Event, Outcome } from '../engine/event.ts'
import { QuaysideError } from '../error.ts'
import { heartbeat } from './heartbeat.ts'
import { recap } from './recap.ts'
import { duration, type Paint } from './style.ts'

export interface ConsoleOptions {
  readonly write: (line: string) => void
  readonly paint: Paint
  /** print the diff of each change */
  readonly diff: boolean
  /** 1: what did not change, too */
  readonly verbosity: number
}

const colours: Record<Outcome | 'unreachable', 'yellow' | 'green' | 'cyan' | 'red' | 'dim'> = {
  changed: 'yellow',
  unchanged: 'dim',
  pending: 'cyan',
  unknown: 'cyan',
  failed: 'red',
  skipped: 'dim',
  unreachable: 'red',
}

/** Plain lines for a person: what changes, what fails, a recap; silence for what is as it should be. */
export function consoleReporter(options: ConsoleOptions): Emit {
  const { write, paint, diff, verbosity } = options
  let check = false
  const line = (host: string, outcome: Outcome | 'unreachable', what: string, ms: number) => {
    const time = ms >= 100 ? paint('dim', `  ${duration(ms)}`) : ''
    write(`  ${host.padEnd(8)} ${paint(colours[outcome], outcome.padEnd(8))} ${what}${time}`)
  }
  const beat = heartbeat((host, id, ms) => {
    write(`  ${host.padEnd(8)} ${paint('dim', `still    ${id}  ${duration(ms)}`)}`)
  })
  return (event: Event) => {
    beat(event)
    switch (event.type) {
      case 'run':
        check = event.check
        write(
          paint(
            'bold',
            `${event.playbook} · ${event.env}${event.check ? ' · check: nothing is changed' : ''}`,
          ),
        )
        break
      case 'play':
        write(`${paint('bold', event.roles.join(', '))} ${paint('dim', `on ${event.hosts}`)}`)
        break
      case 'note':
        write(`  ${event.host === undefined ? '' : `${event.host.padEnd(8)} `}${event.text}`)
        break
      case 'step':
        write(
          `${paint('bold', '•')} ${event.text}${event.ms === undefined ? '' : paint('dim', `  ${duration(event.ms)}`)}`,
        )
        break
      case 'applying':
        if (verbosity >= 2) write(`  ${event.host.padEnd(8)} ${paint('dim', `applying ${event.id}`)}`)
        break
      case 'resource':
        if (event.outcome === 'unchanged' && verbosity === 0) break
        line(event.host, event.outcome, describe(event.id, event.summary), event.ms)
        if (diff && event.diff !== undefined) write(paintDiff(event.diff, paint))
        break
      case 'handler':
        line(
          event.host,
          event.outcome,
          `handler ${event.id}${event.debt ? ' (owed by an earlier run)' : ''}`,
          event.ms,
        )
        break
      case 'host-failed':
        line(
          event.host,
          event.unreachable ? 'unreachable' : 'failed',
          withoutHost(event.host, event.error.message),
          0,
        )
        if (event.error instanceof QuaysideError && event.error.hint !== undefined)
          write(`             ${paint('cyan', 'hint:')} ${event.error.hint}`)
        break
      case 'recap':
        if (event.tallies.length > 0) write(`\n${recap(event.tallies, check, paint)}`)
        write(paint('dim', `  ${duration(event.ms)}`))
        break
    }
  }
}

function describe(id: string, summary: string | undefined): string {
  return summary === undefined ? id : `${id}: ${summary}`
}

function paintDiff(diff: string, paint: Paint): string {
  return diff
    .trimEnd()
    .split('\n')
    .map((each) => {
      const colour = each.startsWith('+') ? 'green' : each.startsWith('-') ? 'red' : 'dim'
      return `             ${paint(colour, each)}`
    })
    .join('\n')
}

/** The host stands at the start of the line already. */
function withoutHost(host: string, message: string): string {
  return message.startsWith(`${host}: `) ? message.slice(host.length + 2) : message
}
