import { setTimeout as sleep } from 'node:timers/promises'
import { docker } from '../../../lib/lab/docker.ts'
import { containerOf } from '../../../lib/lab/topology.ts'

/** The manager that tests ask: none of the faults takes it away. */
export const asked = 'swarm-1'

/** As `onNode`, with the clients of the same process going on meanwhile. */
export async function shell(node: string, text: string): Promise<string> {
  return (await docker(['exec', containerOf(node), 'sh', '-c', text])).trim()
}

/** Looks again and again until something is so; throws when the rollout has ended before. */
export async function until(what: string, isSo: () => Promise<boolean>, ended: AbortSignal): Promise<void> {
  while (!(await isSo())) {
    if (ended.aborted) throw new Error(`the rollout ended, and it never came to this: ${what}`)
    await sleep(150)
  }
}

/** True while a new task of api or web is on its way on a node, and does not run yet. */
export async function isStartingOn(node: string): Promise<boolean> {
  const said = await shell(
    asked,
    `docker node ps ${node} --filter desired-state=running --filter desired-state=ready --format '{{.Name}} {{.CurrentState}}'`,
  )
  return /^agentlab_(api|web)\.\d+ (Assigned|Accepted|Preparing|Ready|Starting)/m.test(said)
}

/** True once the first of the new tasks of api runs, and the others are still to come. */
export async function isHalfUpdated(): Promise<boolean> {
  const format = '{{with .UpdateStatus}}{{.State}}{{end}} {{.Spec.TaskTemplate.ContainerSpec.Image}}'
  const service = await shell(asked, `docker service inspect agentlab_api --format '${format}'`)
  const [state, image] = service.split(' ')
  if (state !== 'updating' || image === undefined) return false
  const running = await shell(
    asked,
    `docker service ps agentlab_api --no-trunc --filter desired-state=running --format '{{.Image}} {{.CurrentState}}'`,
  )
  return running.split('\n').some((line) => line.startsWith(`${image} Running`))
}

/** Makes a manager the leader: whoever else is one loses its say for a moment, until the choice falls on this one. */
export async function makeLeader(wanted: string): Promise<void> {
  const statusOf = (node: string) =>
    shell(wanted, `docker node inspect --format '{{with .ManagerStatus}}{{.Reachability}}{{end}}' ${node}`)
  for (let tries = 0; ; tries += 1) {
    const said = await shell(wanted, `docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'`)
    const other = /^(\S+) Leader$/m.exec(said)?.[1]
    if (other === wanted) return
    if (other === undefined || tries === 12) throw new Error(`${wanted} does not become the leader:\n${said}`)
    await shell(wanted, `docker node demote ${other} >/dev/null`)
    await soon(`${other} is a worker`, async () => (await statusOf(other)) === '')
    await shell(wanted, `docker node promote ${other} >/dev/null`)
    await soon(`${other} is a manager`, async () => (await statusOf(other)) === 'reachable')
  }
}

/** While managers choose nobody answers. */
async function soon(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 60_000
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > until) throw new Error(`it did not come to this: ${what}`)
    await sleep(500)
  }
  await sleep(2000)
}
