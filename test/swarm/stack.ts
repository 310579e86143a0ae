import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { publishedPort, swarmHosts } from '../../lib/lab/topology.ts'
import { root } from '../argv.ts'
import { type Outcome, playbook } from '../lab/playbook.ts'
import { ask, type Front, labCa } from '../lab/traffic.ts'
import { onNode } from './on-node.ts'

/** How clients reach the swarm's app: by each node that is an edge. */
export const swarmFront = (): Front => ({
  ports: swarmHosts.filter(({ ports }) => 443 in ports).map((host) => publishedPort(host, 443)),
  ca: labCa('lab-swarm'),
})

export const deploy = (...words: readonly string[]): Promise<Outcome> =>
  playbook('deploy', ['--env', 'lab-swarm', ...words])

/** The release that every node serves; throws when they differ. */
export async function servedRelease(): Promise<string> {
  const { ports, ca } = swarmFront()
  const answers = await Promise.all(ports.map((port) => ask(false, port, 'GET', '/api/version', ca)))
  const releases = new Set(answers.map(({ release, status }) => release ?? `HTTP ${status}`))
  const [release] = releases
  if (releases.size !== 1 || release === undefined)
    throw new Error(`the nodes serve ${[...releases].join(' and ')}`)
  return release
}

type Hosts = Record<string, Record<string, unknown>>

/** A copy of inventory/lab-swarm in which group_vars/all.yaml, and the hosts of hosts.yaml, say otherwise. */
export function inventoryWith(
  change: (vars: { stack_settings: Record<string, string>; stack_secrets: Record<string, unknown> }) => void,
  changeHosts: (managers: Hosts, workers: Hosts) => void = () => undefined,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-swarm-'))
  cpSync(join(root, 'inventory/lab-swarm'), folder, { recursive: true })
  const file = join(folder, 'group_vars/all.yaml')
  const vars = parse(readFileSync(file, 'utf8'))
  change(vars)
  writeFileSync(file, stringify(vars))
  const hostsFile = join(folder, 'hosts.yaml')
  const hosts = parse(readFileSync(hostsFile, 'utf8'))
  changeHosts(hosts.all.children.manager.hosts, hosts.all.children.worker.hosts)
  writeFileSync(hostsFile, stringify(hosts))
  return folder
}

/** Each task that is wanted, by its id: what a rollout that changes nothing leaves alone. */
export function runningTasks(): readonly string[] {
  const ids = '$(docker service ls -q --filter label=com.docker.stack.namespace=agentlab)'
  const format = "'{{.ID}} {{.Name}} {{.Image}}'"
  const said = onNode(
    'swarm-1',
    `docker service ps --no-trunc --filter desired-state=running --format ${format} ${ids}`,
  )
  return said.split('\n').toSorted()
}

/**
 * The whole specification of each service, as Docker has it: all that its tasks are made of. Tasks made anew would be seen
 * a moment later only.
 */
export function serviceSpecs(): readonly { readonly Name: string }[] {
  const ids = '$(docker service ls -q --filter label=com.docker.stack.namespace=agentlab)'
  const said = onNode('swarm-1', `docker service inspect --format '{{json .Spec}}' ${ids}`)
  const specs = said.split('\n').map((line) => JSON.parse(line) as { readonly Name: string })
  if (specs.length < 3) throw new Error(`of the stack there are ${specs.length} services alone`)
  return specs.toSorted((one, two) => one.Name.localeCompare(two.Name))
}

/** Configs and secrets that are stored for the stack: "secret agentlab_redis_password_…". */
export function storedNames(): readonly string[] {
  const list = (kind: string) =>
    `docker ${kind} ls --filter label=com.docker.stack.namespace=agentlab --format '${kind} {{.Name}}'`
  return onNode('swarm-1', `${list('config')}; ${list('secret')}`)
    .split('\n')
    .toSorted()
}
