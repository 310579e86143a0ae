import { setTimeout as sleep } from 'node:timers/promises'
import { exit, QuaysideError, UsageError } from '../../error.ts'
import { type Entry, inOrder, isWanted, serviceOf } from '../../logs/index.ts'
import { didYouMean } from '../../nearest.ts'
import { type Paint, painter } from '../../report/style.ts'
import type { Run } from '../playbook.ts'
import type { Ask } from './answers.ts'
import { wantedOf } from './flags.ts'
import { ofHosts } from './hosts.ts'
import { ofStore, type Store } from './store.ts'

const everyMs = 2000

/** logs.ts: what the containers of all hosts said, in the order of time. `store` is where they are kept, if anywhere. */
export async function logs(run: Run, store: Store | undefined): Promise<void> {
  const { from, span, wanted } = wantedOf(run.args)
  const ask = from === 'hosts' ? ofHosts(run) : ofStore(run, demandStore(store), wanted)
  const first = await ask(span)
  // A store that is away knows nothing, which is no fault of who asked.
  if (first.known.length > 0 || first.unreachable.length === 0)
    demandServices(wanted.services, first.known, from)
  const tell = teller(run)
  const found = inOrder(first.entries.filter((entry) => isWanted(entry, wanted)))
  if (run.args.has('json'))
    run.emit({ type: 'result', of: 'logs', data: { entries: found, unreachable: first.unreachable } })
  else for (const entry of found) tell(entry)
  if (run.args.has('follow'))
    await follow(run, ask, first.entries, (entry) => isWanted(entry, wanted) && tell(entry))
  if (first.unreachable.length > 0)
    throw new QuaysideError(`could not be asked: ${first.unreachable.join(', ')}`, {
      exitCode: exit.unreachable,
    })
}

function demandServices(wanted: readonly string[], known: readonly string[], from: 'hosts' | 'store'): void {
  const words = [...new Set(known.flatMap((name) => [serviceOf(name), name]))]
  for (const word of wanted) {
    // A store knows services; which containers they once had, it would have to read all of it for.
    if (words.includes(word) || (from === 'store' && words.includes(serviceOf(word)))) continue
    const services = [...new Set(known.map(serviceOf))].sort()
    throw new UsageError(
      `${from === 'hosts' ? 'no host has a container' : 'the log store has nothing'} of "${word}"`,
      didYouMean(word, words) ?? (services.length === 0 ? 'there is none at all' : services.join(', ')),
    )
  }
}

function demandStore(store: Store | undefined): Store {
  if (store !== undefined) return store
  throw new UsageError(
    '--from store: no host of this inventory keeps logs',
    'docs/logs.md says how one comes to',
  )
}

/** Asks again and again for what came since the last entry of each container; ends with the run's signal. */
async function follow(
  run: Run,
  ask: Ask,
  before: readonly Entry[],
  tell: (entry: Entry) => void,
): Promise<void> {
  const told = new Set(before.map(identity))
  let since = last(before) ?? new Date().toISOString()
  while (!run.signal.aborted) {
    await sleep(everyMs, undefined, { signal: run.signal }).catch(() => undefined)
    if (run.signal.aborted) return
    const { entries } = await ask({ since: earlier(since), tail: 100_000 })
    for (const entry of inOrder(entries)) {
      if (told.has(identity(entry))) continue
      told.add(identity(entry))
      tell(entry)
    }
    since = last(entries) ?? since
  }
}

const identity = ({ container, host, raw, time }: Entry) => `${time} ${host} ${container} ${raw}`

function last(entries: readonly Entry[]): string | undefined {
  return entries.reduce<string | undefined>(
    (most, { time }) => (most === undefined || time > most ? time : most),
    undefined,
  )
}

/** Hosts' clocks differ, and what was said at the same moment comes at different ones. */
function earlier(time: string): string {
  return new Date(Date.parse(time) - 5000).toISOString()
}

function teller(run: Run): (entry: Entry) => void {
  const paint = painter(process.stdout)
  if (run.args.has('raw')) return ({ raw }) => run.print(raw)
  return (entry) => run.print(line(entry, paint))
}

const styles = { debug: 'dim', info: undefined, warning: 'yellow', error: 'red' } as const

/** "02:15:54.120 app-1   api-blue-1    info     GET /api/version 200 in 3 ms  4f1c…" */
export function line({ container, host, level, message, requestId, time }: Entry, paint: Paint): string {
  const style = styles[level]
  const word = level.padEnd(7)
  const id = requestId === undefined ? '' : `  ${paint('dim', requestId)}`
  return `${paint('dim', time.slice(11, 23))} ${host.padEnd(8)} ${container.padEnd(13)} ${style === undefined ? word : paint(style, word)} ${message}${id}`
}
