import type { Finding, Flaw, Judged, Scanned } from '../../scan/index.ts'
import { named } from '../../scan/index.ts'
import { columns } from '../backup/table.ts'

/** An image's report with what is made of each finding. */
export interface Outcome {
  readonly scanned: Scanned
  readonly judged: readonly Judged[]
}

/** A block an image, and lines for exceptions that ended. */
export function tableOf(outcomes: readonly Outcome[]): readonly string[] {
  return [...outcomes.flatMap(blockOf), ...endedIn(outcomes)].map((line) => line.trimEnd())
}

function blockOf({ scanned, judged }: Outcome): readonly string[] {
  const { image, digest, host, by, against } = scanned
  const held = against === '' ? 'against nothing' : `against ${against}`
  const digests = image.includes('@') ? [] : [`  ${digest}`]
  const head = ['', image, ...digests, `  by ${by} on ${host}, ${held}`]
  if (judged.length === 0) return [...head, '  nothing found']
  const gaps = judged.flatMap((each) =>
    each.finding.kind === 'unscanned'
      ? [`  NOT SCANNED: ${each.finding.why}  ${madeOf(each)}`.trimEnd()]
      : [],
  )
  const rows = judged.flatMap((each) => (each.finding.kind === 'flaw' ? [cells(each.finding, each)] : []))
  if (rows.length === 0) return [...head, ...gaps]
  return [
    ...head,
    ...gaps,
    ...columns([[' ', 'package', 'has', 'fixed in', 'known from', 'severity', ''], ...rows]),
  ]
}

function cells(
  { package: name, installed, fixed, ids, source, severity }: Flaw,
  of: Judged,
): readonly string[] {
  return [' ', name, installed, fixed ?? '–', ids.length > 0 ? ids.join(' ') : source, severity, madeOf(of)]
}

function madeOf({ verdict, exception, expired }: Judged): string {
  if (verdict === 'below') return 'does not count'
  if (verdict === 'counts') return expired ? 'its exception has ended' : ''
  return exception === undefined ? 'ignored' : `ignored until ${exception.until}: ${exception.why}`
}

/** Each exception that would have held, had it not ended. */
export function endedIn(outcomes: readonly Outcome[]): readonly string[] {
  const ended = outcomes
    .flatMap(({ judged }) => judged)
    .flatMap(({ exception, expired }) => (expired && exception !== undefined ? [exception] : []))
  return [...new Set(ended)].map(
    (each) => `scan_ignore: the exception for ${named(each)} ended on ${each.until}: ${each.why}`,
  )
}

/** A finding in a few words: "libssl3 3.0.11 → 3.0.15 (bookworm-security) in api:v1". */
export function inWords(finding: Finding): string {
  if (finding.kind === 'unscanned') return `${finding.image} was not scanned: ${finding.why}`
  const { package: name, installed, fixed, source, ids, image } = finding
  const known = ids.length > 0 ? ids.join(' ') : source
  return `${name} ${installed}${fixed === undefined ? ', which nobody has fixed' : ` → ${fixed}`} (${known}) in ${image}`
}
