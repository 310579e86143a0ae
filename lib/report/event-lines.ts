import type { Event, Outcome } from '../engine/event.ts'
import { QuaysideError } from '../error.ts'
import { onOneLine, printable } from './printable.ts'
import { duration, type Paint, type Style } from './style.ts'

export interface LineOptions {
  readonly paint: Paint
  readonly diff: boolean
  readonly verbosity: number
  /** columns for the host's name */
  readonly names: number
}

const colours: Record<Outcome | 'unreachable', Style> = {
  changed: 'yellow',
  unchanged: 'dim',
  pending: 'cyan',
  unknown: 'cyan',
  failed: 'red',
  skipped: 'dim',
  unreachable: 'red',
}

/** The lines that a person is shown of an event; none for what is as it should be, unless asked for by -v. */
export function eventLines(event: Event, options: LineOptions): readonly string[] {
  const { paint, diff, verbosity, names } = options
  const inset = ' '.repeat(names + 5)
  const row = (host: string, word: string, colour: Style, what: string, ms = 0) => {
    const time = ms >= 100 ? paint('dim', `  ${duration(ms)}`) : ''
    return `  ${host.padEnd(names)} ${paint(colour, word.padEnd(8))} ${onOneLine(what)}${time}`
  }
  const aside = (host: string, word: string, what: string, ms?: number) =>
    row(host, word, 'dim', what, ms === undefined ? 0 : Math.max(100, ms))
  switch (event.type) {
    case 'run':
      return [paint('bold', onOneLine(title(event)))]
    case 'play': {
      const batch = event.batch === undefined ? '' : `, batch ${event.batch.index} of ${event.batch.of}`
      const who = event.on.length === 0 ? ': no host' : ''
      return [
        `${paint('bold', onOneLine(event.roles.join(', ')))} ${paint('dim', `on ${event.hosts}${batch}${who}`)}`,
      ]
    }
    case 'note': {
      const host = event.host === undefined ? '' : `${event.host.padEnd(names)} `
      return [`  ${host}${printable(event.text)}`]
    }
    case 'step': {
      const time = event.ms === undefined ? '' : paint('dim', `  ${duration(event.ms)}`)
      return [`${paint('bold', '•')} ${printable(event.text)}${time}`]
    }
    case 'connected':
      return verbosity >= 1 ? [aside(event.host, 'connected', '', event.ms)] : []
    case 'probed': {
      const what = `${event.count} ${event.count === 1 ? 'resource' : 'resources'}`
      return verbosity >= 2 ? [aside(event.host, 'probed', what, event.ms)] : []
    }
    case 'applying':
      return verbosity >= 2 ? [aside(event.host, 'applying', describe(event.id, event.summary))] : []
    case 'output':
      return verbosity >= 3
        ? [...printed(event.stdout, inset, paint), ...printed(event.stderr, inset, paint)]
        : []
    case 'retrying': {
      const what = `${event.id}: try ${event.attempt} of ${event.of} failed: ${event.why}`
      return [row(event.host, 'again', 'yellow', what)]
    }
    case 'resource': {
      const quiet = event.outcome === 'unchanged' || event.outcome === 'skipped'
      if (quiet && verbosity === 0) return []
      const where = event.delegate === undefined ? '' : ` (on ${event.delegate})`
      const line = row(
        event.host,
        event.outcome,
        colours[event.outcome],
        `${describe(event.id, event.summary)}${where}`,
        event.ms,
      )
      return diff && event.diff !== undefined && event.diff !== ''
        ? [line, ...diffLines(event.diff, inset, paint)]
        : [line]
    }
    case 'mispredicted': {
      const what = `${event.id}: the plan said "${event.predicted}", the run found "${event.actual}"`
      return [
        row(event.host, 'mispredicted', 'red', what),
        hint(inset, paint, 'a fault of the resource, or of the order in its role: please report it'),
      ]
    }
    case 'handler': {
      const owed = event.debt ? ' (owed by an earlier run)' : ''
      return [row(event.host, event.outcome, colours[event.outcome], `handler ${event.id}${owed}`, event.ms)]
    }
    case 'host-failed':
      return failure(event, options, inset)
    case 'play-stopped': {
      const left = event.left.length === 0 ? '' : `; left out: ${some(event.left)}`
      return [paint('red', onOneLine(`${event.hosts}: the play stopped: ${event.why}${left}`))]
    }
    case 'connecting':
    case 'played':
    // Who asked prints it in words of its own.
    case 'result':
    // The program itself tells what ended it, on standard error.
    case 'run-failed':
    case 'recap':
      return []
  }
}

function title(event: Extract<Event, { type: 'run' }>): string {
  return `${event.playbook} · ${event.env}${event.check ? ' · check: nothing is changed' : ''}`
}

function failure(
  event: Extract<Event, { type: 'host-failed' }>,
  { paint, verbosity, names }: LineOptions,
  inset: string,
): string[] {
  const { host, unreachable, error } = event
  const word = unreachable ? 'unreachable' : 'failed'
  const [first = '', ...rest] = printable(withoutHost(host, error.message)).split('\n')
  const tip = error instanceof QuaysideError ? error.hint : undefined
  const stack = verbosity >= 2 && error.stack !== undefined ? printable(error.stack).split('\n') : []
  return [
    `  ${host.padEnd(names)} ${paint('red', word.padEnd(8))} ${first}`,
    ...rest.map((line) => `${inset}${line.trim() === '' ? '' : line.replace(/^ {4}/, '')}`.trimEnd()),
    ...(tip === undefined ? [] : [hint(inset, paint, printable(tip))]),
    ...stack.filter((line) => /^\s+at /.test(line)).map((line) => paint('dim', `${inset}${line.trim()}`)),
  ]
}

/** What to type next; its further lines stand below its first. */
function hint(inset: string, paint: Paint, text: string): string {
  return `${inset}${paint('cyan', 'hint:')} ${text.replaceAll('\n', `\n${inset}      `)}`
}

function describe(id: string, summary: string | undefined): string {
  return summary === undefined || summary === '' ? id : `${id}: ${summary}`
}

function diffLines(diff: string, inset: string, paint: Paint): string[] {
  return printable(diff.trimEnd())
    .split('\n')
    .map((each) => {
      const colour = each.startsWith('+') ? 'green' : each.startsWith('-') ? 'red' : 'dim'
      return `${inset}${paint(colour, each)}`
    })
}

function printed(text: string, inset: string, paint: Paint): string[] {
  if (text.trim() === '') return []
  return printable(text.trimEnd())
    .split('\n')
    .map((line) => `${inset}${paint('dim', `│ ${line}`)}`)
}

/** The first names of a list, and how many more there are. */
function some(names: readonly string[]): string {
  const most = 8
  const shown = names.slice(0, most).join(', ')
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`
}

/** The host stands at the start of the line already. */
function withoutHost(host: string, message: string): string {
  return message.startsWith(`${host}: `) ? message.slice(host.length + 2) : message
}
