import { UsageError } from '../../error.ts'
import { levels, type Span, type Wanted } from '../../logs/index.ts'
import { didYouMean } from '../../nearest.ts'
import type { Args, Flags } from '../flags.ts'

export const logsFlags = {
  since: {
    about: 'from then on: 90s, 10m, 2h, 3d, or a time such as 2026-11-27T02:00:00Z; 1h unless told',
    value: 'TIME',
  },
  until: { about: 'up to then', value: 'TIME' },
  tail: { about: 'of each container, the last so many lines; 200 unless told', value: 'N' },
  level: { about: `this and what is worse: ${levels.join(', ')}`, value: 'LEVEL' },
  request: { about: 'of one request, through nginx, web and api: its X-Request-Id', value: 'ID' },
  grep: { about: 'that hold this text, capitals or not', value: 'TEXT' },
  from: {
    about: 'hosts, or store: what the log store keeps, of containers that are gone, too; hosts unless told',
    value: 'WHERE',
  },
  hosts: { about: 'of these hosts alone, by a pattern as for --limit', value: 'PATTERN' },
  raw: { about: 'as it was said, instead of a line for people' },
  follow: { about: 'go on as they come, until Ctrl-C' },
} as const satisfies Flags

const places = ['hosts', 'store'] as const

export interface Asked {
  readonly wanted: Wanted
  readonly span: Span
  readonly from: (typeof places)[number]
}

/** What a command line asks for. Throws a UsageError for what it cannot mean. */
export function wantedOf(args: Args): Asked {
  const requestId = args.text('request')
  const grep = args.text('grep')
  const until = args.text('until')
  if (until !== undefined && args.has('follow'))
    throw new UsageError('--follow goes on, and --until ends: which?')
  return {
    wanted: {
      services: args.positionals,
      level: oneOf('level', args.text('level') ?? 'debug', levels),
      ...(requestId !== undefined && { requestId }),
      ...(grep !== undefined && { grep }),
    },
    span: {
      since: timeOf('since', args.text('since') ?? '1h'),
      ...(until !== undefined && { until: timeOf('until', until) }),
      tail: linesOf(args.text('tail') ?? '200'),
    },
    from: oneOf('from', args.text('from') ?? 'hosts', places),
  }
}

function oneOf<const T extends string>(flag: string, word: string, words: readonly T[]): T {
  const found = words.find((each) => each === word)
  if (found !== undefined) return found
  throw new UsageError(`--${flag}: there is no "${word}"`, didYouMean(word, words) ?? words.join(', '))
}

/** Docker knows no days. */
function timeOf(flag: string, word: string): string {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(word) ?? []
  if (number !== undefined) return unit === 'd' ? `${Number(number) * 24}h` : word
  if (/^\d{4}-\d\d-\d\dT/.test(word) && !Number.isNaN(Date.parse(word))) return new Date(word).toISOString()
  throw new UsageError(
    `--${flag}: "${word}" is no time`,
    'a span as 90s, 10m, 2h or 3d, or a time as 2026-11-27T02:00:00Z',
  )
}

function linesOf(word: string): number {
  if (!/^[1-9]\d{0,5}$/.test(word)) throw new UsageError(`--tail: "${word}" is no number of lines`)
  return Number(word)
}
