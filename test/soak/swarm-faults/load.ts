import { publishedPort, swarmHosts } from '../../../lib/lab/topology.ts'
import { type Lost, openSockets, startTraffic } from '../../lab/traffic.ts'
import { swarmFront } from '../../swarm/stack.ts'
import type { Moment } from './harm.ts'

const clients = 4

/**
 * Clients at the edges of the nodes that live, half of them on kept-alive connections, and two WebSockets. A request has a
 * healthy path unless a node died or was cut off while it was under way: whatever that node had in its hands is
 * gone with it, which is one request a client at most. One that was sent later is to be answered, though tasks of that node are
 * still known to the edges for some seconds.
 *
 * What a container had in its hands as it died is gone likewise, where it may not be asked twice: a POST, which nginx gives to
 * another task only as long as it was not sent. So one that is answered 502 had reached the task that died.
 */
export async function startLoad(without: string | undefined) {
  const ports = swarmHosts
    .filter(({ name, ports }) => 443 in ports && name !== without)
    .map((host) => publishedPort(host, 443))
  const front = { ...swarmFront(), ports }
  const sockets = await openSockets(2, front)
  const traffic = startTraffic({ clients, most: 100_000, pauseMs: 80 }, front)
  return {
    traffic,
    sockets,
    async stop() {
      await traffic.stop()
      sockets.close()
    },
    /** what failed although it had a healthy path */
    failed(moment: Moment | undefined, crashes = false): readonly string[] {
      return traffic.failures.filter((failure, index) => {
        if (crashes && /^POST .*: 502$/.test(failure)) return false
        const lost = traffic.lost[index]
        return lost === undefined || moment === undefined || !wasUnderWay(lost, moment)
      })
    },
  }
}

function wasUnderWay({ from, to }: Lost, moment: Moment): boolean {
  return from <= moment.to && to >= moment.from
}
