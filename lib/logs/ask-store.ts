import { randomBytes } from 'node:crypto'
import { type Script, sh } from '../script/index.ts'
import type { Span } from './ask.ts'

/** Where a store keeps logs: files HOST/SERVICE/DATE.jsonl of a folder, or a namespace of the journal. */
export type Kept = { readonly folder: string } | { readonly namespace: string }

/** Of which hosts, and of which request; all unless told. */
export interface Sought {
  readonly hosts?: readonly string[]
  readonly requestId?: string
}

/** what a store may say at once: more is to be looked at there */
const mostBytes = 64 * 1024 * 1024

/** clocks of hosts and of the store differ, and what was queued comes late: a journal goes by when it came */
const slackSeconds = 300

/**
 * A script that prints what a store has of a span, an entry a line, the last `tail` of each container, and how that is
 * read: the containers that it knows of, and the lines. `since` and `until` are RFC 3339 in UTC.
 */
export function askStore(
  kept: Kept,
  span: Span,
  { hosts, requestId }: Sought,
): { readonly script: Script; read(stdout: string): StoreAnswer } {
  const mark = `quayside-${randomBytes(8).toString('hex')}`
  const until = span.until ?? '9999'
  const only = hosts === undefined ? '' : ` ${hosts.join(' ')} `
  const entries = 'folder' in kept ? fromFiles(kept.folder, span) : fromJournal(kept.namespace, span)
  // To the second here, and exactly where they are read. Fields are told apart by the quotes around them.
  const chosen = sh`awk -F '"' -v since=${span.since.slice(0, 19)} -v upto=${`${until.slice(0, 19)}~`} -v only=${only} -v tail=${span.tail} '
substr($4, 1, 19) < since || $4 > upto { next }
only != "" && index(only, " " $8 " ") == 0 { next }
{ who = $8 "/" $16; n[who]++; line[who, n[who] % tail] = $0 }
END {
  for (who in n)
    for (i = n[who] > tail ? n[who] - tail + 1 : 1; i <= n[who]; i++)
      print line[who, i % tail]
}' | tail -c ${mostBytes}`
  const ofRequest =
    requestId === undefined ? sh`` : sh`grep -F -e ${JSON.stringify(requestId).slice(1, -1)} | `
  return {
    script: sh`set -e
${known(kept)}
echo ${mark}
set +e
${entries} | ${ofRequest}${chosen}
`,
    read(stdout) {
      const [services = '', lines = ''] = stdout.split(`${mark}\n`)
      return {
        known: [...new Set(services.split('\n').filter(Boolean))].sort(),
        lines: lines.split('\n').filter(Boolean),
      }
    },
  }
}

export interface StoreAnswer {
  /** services and containers that it keeps something of, whatever was asked for */
  readonly known: readonly string[]
  /** an entry each, as the collectors wrote it */
  readonly lines: readonly string[]
}

/** The services that a store knows, a line each. Fails where there is no store. */
function known(kept: Kept): Script {
  if ('namespace' in kept)
    return sh`journalctl --namespace=${kept.namespace} -q -F SERVICE; journalctl --namespace=${kept.namespace} -q -F CONTAINER`
  return sh`cd -- ${kept.folder}
find . -mindepth 2 -maxdepth 2 -type d -printf '%f\\n'`
}

/** Days by the names of the files, in their order: what was said on a day stands in its file, whenever it came. */
function fromFiles(folder: string, { since, until }: Span): Script {
  return sh`find ${folder} -mindepth 3 -maxdepth 3 -type f -name '????-??-??.jsonl' -printf '%f %p\\n' |
awk -v since=${since.slice(0, 10)} -v upto=${`${(until ?? '9999').slice(0, 10)}~`} '$1 >= since && $1 < upto { print }' |
sort | cut -d ' ' -f 2- | tr '\\n' '\\0' | xargs -0 -r cat --`
}

function fromJournal(namespace: string, { since }: Span): Script {
  const from = `@${Math.floor(Date.parse(since) / 1000) - slackSeconds}`
  return sh`journalctl --namespace=${namespace} -q --no-pager --all -o cat --output-fields=ENTRY --since ${from}`
}
