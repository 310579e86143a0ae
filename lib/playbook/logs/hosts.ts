import { ConnectionError } from '../../connection/index.ts'
import { messageOf, QuaysideError } from '../../error.ts'
import type { Host } from '../../inventory/inventory.ts'
import { askLogs, entriesOf, type Span } from '../../logs/index.ts'
import type { Run } from '../playbook.ts'
import type { Answers, Ask } from './answers.ts'

/** All hosts at the same time, a round trip each. One that cannot be reached is said, and the others are told. */
export function ofHosts(run: Run): Ask {
  const hosts = run.inventory.select(run.args.text('hosts') ?? 'all')
  return async (span) => {
    const each = await Promise.all(hosts.map((host) => ofHost(run, host, span)))
    return {
      entries: each.flatMap(({ entries }) => entries),
      known: each.flatMap(({ known }) => known),
      unreachable: each.flatMap(({ unreachable }) => unreachable),
    }
  }
}

async function ofHost(run: Run, host: Host, span: Span): Promise<Answers> {
  const { read, script } = askLogs(span)
  try {
    const session = await run.fleet.session(host)
    const { code, stderr, stdout } = await session.ask(script, { title: 'its logs', timeoutSeconds: 60 })
    if (code !== 0) throw new QuaysideError(`${host.name}: docker does not tell its logs: ${stderr.trim()}`)
    const said = [...read(stdout)]
    return {
      entries: said.flatMap(([container, text]) => entriesOf(host.name, container, text)),
      known: said.map(([container]) => container),
      unreachable: [],
    }
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.reason === 'interrupted') throw error
    console.error(messageOf(error).split('\n')[0])
    return { entries: [], known: [], unreachable: [host.name] }
  }
}
