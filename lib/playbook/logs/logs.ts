import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectionError } from '../../connection/index.ts'
import { exit, messageOf, QuaysideError, UsageError } from '../../error.ts'
import type { Host } from '../../inventory/inventory.ts'
import { askLogs, type Entry, entriesOf, inOrder, isWanted, type Span, serviceOf } from '../../logs/index.ts'
import { didYouMean } from '../../nearest.ts'
import { type Paint, painter } from '../../report/style.ts'
import type { Run } from '../playbook.ts'
import { wantedOf } from './flags.ts'

const everyMs = 2000

/** logs.ts: what the containers of all hosts said, in the order of time. */
export async function logs(run: Run): Promise<void> {
  const { wanted, span } = wantedOf(run.args)
  const hosts = run.inventory.select(run.args.text('hosts') ?? 'all')
  const first = await asked(run, hosts, span)
  demandServices(wanted.services, first.containers)
  const tell = teller(run)
  const found = inOrder(first.entries.filter((entry) => isWanted(entry, wanted)))
  if (run.args.has('json'))
    run.emit({ type: 'result', of: 'logs', data: { entries: found, unreachable: first.unreachable } })
  else for (const entry of found) tell(entry)
  if (run.args.has('follow'))
    await follow(run, hosts, first.entries, (entry) => isWanted(entry, wanted) && tell(entry))
  if (first.unreachable.length > 0)
    throw new QuaysideError(`could not be asked: ${first.unreachable.join(', ')}`, {
      exitCode: exit.unreachable,
    })
}

interface Answers {
  readonly entries: readonly Entry[]
  /** all that there are, whatever they said */
  readonly containers: readonly string[]
  readonly unreachable: readonly string[]
}

/** All hosts at the same time, a round trip each. One that cannot be reached is said, and the others are told. */
async function asked(run: Run, hosts: readonly Host[], span: Span): Promise<Answers> {
  const each = await Promise.all(
    hosts.map(async (host): Promise<Answers> => {
      const { read, script } = askLogs(span)
      try {
        const session = await run.fleet.session(host)
        const { code, stderr, stdout } = await session.ask(script, { title: 'its logs', timeoutSeconds: 60 })
        if (code !== 0)
          throw new QuaysideError(`${host.name}: docker does not tell its logs: ${stderr.trim()}`)
        const said = [...read(stdout)]
        return {
          entries: said.flatMap(([container, text]) => entriesOf(host.name, container, text)),
          containers: said.map(([container]) => container),
          unreachable: [],
        }
      } catch (error) {
        if (!(error instanceof ConnectionError) || error.reason === 'interrupted') throw error
        console.error(messageOf(error).split('\n')[0])
        return { entries: [], containers: [], unreachable: [host.name] }
      }
    }),
  )
  return {
    entries: each.flatMap(({ entries }) => entries),
    containers: each.flatMap(({ containers }) => containers),
    unreachable: each.flatMap(({ unreachable }) => unreachable),
  }
}

function demandServices(wanted: readonly string[], containers: readonly string[]): void {
  const known = [...new Set(containers.flatMap((name) => [serviceOf(name), name]))]
  for (const word of wanted) {
    if (known.includes(word)) continue
    const services = [...new Set(containers.map(serviceOf))].sort()
    throw new UsageError(
      `no host has a container of "${word}"`,
      didYouMean(word, known) ?? (services.length === 0 ? 'there is none at all' : services.join(', ')),
    )
  }
}

/** Asks again and again for what came since the last entry of each container; ends with the run's signal. */
async function follow(
  run: Run,
  hosts: readonly Host[],
  before: readonly Entry[],
  tell: (entry: Entry) => void,
): Promise<void> {
  const told = new Set(before.map(identity))
  let since = last(before) ?? new Date().toISOString()
  while (!run.signal.aborted) {
    await sleep(everyMs, undefined, { signal: run.signal }).catch(() => undefined)
    if (run.signal.aborted) return
    const { entries } = await asked(run, hosts, { since: earlier(since), tail: 100_000 })
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
