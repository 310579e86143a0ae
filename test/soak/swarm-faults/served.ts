import { setTimeout as sleep } from 'node:timers/promises'
import { publishedPort, swarmHosts } from '../../../lib/lab/topology.ts'
import { ask } from '../../lab/traffic.ts'
import { swarmFront } from '../../swarm/stack.ts'

/** What the edges of living nodes serve: "api OLD, web OLD"; several of a name where they differ. */
export async function served(without?: string): Promise<string> {
  const { ca } = swarmFront()
  const ports = swarmHosts
    .filter(({ name, ports }) => 443 in ports && name !== without)
    .map((host) => publishedPort(host, 443))
  const of = async (name: string, path: string) => {
    // More than once each: an edge takes turns among the tasks that it knows.
    const asked = ports.flatMap((port) => [port, port, port])
    const answers = await Promise.all(
      asked.map((port) =>
        ask(false, port, 'GET', path, ca).then(
          ({ release, status }) => (status === 200 ? (release ?? '?') : `HTTP ${status}`),
          () => 'nobody',
        ),
      ),
    )
    return `${name} ${[...new Set(answers)].toSorted().join(' and ')}`
  }
  return `${await of('api', '/api/version')}, ${await of('web', '/version')}`
}

export const all = (release: string) => `api ${release}, web ${release}`

/** Waits until the edges serve this, for as long as a swarm may take; gives what they serve in the end. */
export async function servedSoon(wanted: string, seconds: number, without?: string): Promise<string> {
  const until = performance.now() + seconds * 1000
  for (;;) {
    const now = await served(without)
    if (now === wanted || performance.now() > until) return now
    await sleep(1000)
  }
}
