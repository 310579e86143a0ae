import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './faults.ts'
import { asked, shell } from './moment.ts'

const folder = '/var/lib/quayside/deploy/stacks'
/** Twice what any of these updates takes when nothing is in its way. */
const patienceSeconds = 120

/** A rendered file on a manager, and the release that it is of. */
export interface Rendered {
  readonly path: string
  readonly release: string
}

/** The file that was kept last of a release whose name begins so. */
async function newest(tag: string): Promise<string> {
  const find = `grep -l '^# agentlab of release ${tag}' ${folder}/*.yaml | xargs -r ls -t | head -n 1`
  const path = await shell(asked, find)
  if (path === '') throw new Error(`${asked} keeps no file of ${tag}: deploy.ts has to do it first`)
  return path
}

/** The file that the last deploy of a fault's release has kept; of a release that was never pushed there is none, so it is made. */
export async function renderedFor(fault: Fault, before: string): Promise<Rendered> {
  if (fault.nowhere !== undefined) {
    const path = `/tmp/${fault.tag}.yaml`
    const image = `s|registry.lab:5000/agentlab/\\([a-z]*\\)@.*|${fault.nowhere}/\\1:${fault.tag}|`
    await shell(asked, `sed '${image}' ${await newest(`${before}:`)} >${path}`)
    return { path, release: fault.tag }
  }
  const path = await newest(`${fault.tag}-`)
  const head = await shell(asked, `head -n 1 ${path}`)
  return { path, release: /of release (\S+):/.exec(head)?.[1] ?? '' }
}

/** Gives the file to Docker, as a person would; 124 for one that had to be ended. */
export async function stackDeploy(
  path: string,
  detach: boolean,
): Promise<{ readonly code: number; readonly output: string }> {
  const options = `--with-registry-auth --detach=${detach} --compose-file ${path}`
  const said = await shell(
    asked,
    `timeout ${patienceSeconds} docker stack deploy ${options} agentlab 2>&1; echo "exit $?"`,
  )
  const [, output = '', code = ''] = /^([\s\S]*?)\s*exit (\d+)$/.exec(said) ?? []
  return { code: Number(code), output }
}

/** Goes back to a release by hand. */
export async function backTo(release: string): Promise<void> {
  await stackDeploy(await newest(`${release}:`), false)
}

/** Waits until the swarm says of api and web that their update has come to an end; gives what it says. */
export async function settled(since: number): Promise<string> {
  const until = since + patienceSeconds * 1000
  const format = '{{.Spec.Name}}: {{with .UpdateStatus}}{{.State}}{{else}}nothing{{end}}'
  for (;;) {
    // Without a leader nobody answers, for some seconds.
    const inspect = `docker service inspect agentlab_api agentlab_web --format '${format}'`
    const said = await shell(asked, inspect).catch(() => 'updating')
    const now = said.replaceAll('agentlab_', '').split('\n').join(', ')
    if (!/updating|rollback_started/.test(now) || performance.now() > until) return now
    await sleep(1000)
  }
}

/** Nodes that take no new tasks, or take them again. */
export async function setPaused(nodes: readonly string[], paused: boolean): Promise<void> {
  for (const node of nodes)
    await shell(asked, `docker node update --availability ${paused ? 'pause' : 'active'} ${node} >/dev/null`)
}
