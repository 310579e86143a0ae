import { ConnectionError } from '../../connection/index.ts'
import { messageOf, QuaysideError } from '../../error.ts'
import type { Host } from '../../inventory/inventory.ts'
import { askStore, entriesOfStore, isWithin, type Kept, type Span, type Wanted } from '../../logs/index.ts'
import type { Run } from '../playbook.ts'
import type { Ask } from './answers.ts'

/** The host that keeps what all containers said, and as what. */
export interface Store {
  readonly host: Host
  readonly kept: Kept
}

/** The store alone, in one round trip: of hosts that are gone or down, too. */
export function ofStore(run: Run, { host, kept }: Store, { requestId }: Wanted): Ask {
  const pattern = run.args.text('hosts')
  const hosts = pattern === undefined ? undefined : run.inventory.select(pattern).map(({ name }) => name)
  const sought = { ...(hosts !== undefined && { hosts }), ...(requestId !== undefined && { requestId }) }
  return async (asked) => {
    const span = inTimes(asked)
    const { read, script } = askStore(kept, span, sought)
    try {
      const session = await run.fleet.session(host)
      const { code, stderr, stdout } = await session.ask(script, {
        title: 'the log store',
        timeoutSeconds: 120,
      })
      if (code !== 0) throw new QuaysideError(`${host.name}: the log store does not answer: ${stderr.trim()}`)
      const { known, lines } = read(stdout)
      return {
        entries: entriesOfStore(lines).filter((entry) => isWithin(entry, span)),
        known,
        unreachable: [],
      }
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.reason === 'interrupted') throw error
      console.error(messageOf(error).split('\n')[0])
      return { entries: [], known: [], unreachable: [host.name] }
    }
  }
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** "10m" as the time that it means now: Docker reckons it itself, a store does not. */
function inTimes({ since, tail, until }: Span): Span {
  return { since: moment(since), tail, ...(until !== undefined && { until: moment(until) }) }
}

function moment(word: string): string {
  const [, number, unit = ''] = /^(\d+)([smh])$/.exec(word) ?? []
  const ago = Number(number ?? 0) * (secondsOf[unit] ?? 0) * 1000
  return new Date((number === undefined ? Date.parse(word) : Date.now()) - ago).toISOString()
}
