import type { X509Certificate } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import {
  type Check,
  certificateCheck,
  portCheck,
  redirectCheck,
  type Seen,
  said,
  webCheck,
} from '../../lib/health/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { sh } from '../../lib/script/index.ts'
import { lookAtStack, parseLook, type StackLook } from '../../lib/swarm/look.ts'
import { verdictOf } from '../../lib/swarm/verdict.ts'
import type { Backend } from '../app/checks.ts'
import type { SwarmVars } from './schema.ts'

/**
 * A swarm through its layers: what the managers say of nodes and services, asked of one of them; a query of what keeps data,
 * on whichever node that is; the way from each node to what the settings name of `backends`, the data outside; the site through
 * nginx, by each node that is an edge. `hosts` are those that could be reached.
 */
export function swarmChecks(
  hosts: readonly Host[],
  roots: readonly X509Certificate[],
  backends: readonly Backend[],
): readonly Check[] {
  const manager = hosts.find((host) => host.groups.includes('manager'))
  const nodes = hosts.filter((host) => host.groups.includes('manager') || host.groups.includes('worker'))
  return [
    ...(manager === undefined ? [] : [stackCheck(manager, varsOf(manager).stack_name)]),
    ...nodes.flatMap((host) => [
      dataCheck(host, 'postgres', `psql -U postgres -Atc 'select 1'`),
      dataCheck(host, 'redis', 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli ping'),
      ...backends
        .filter(({ service, address }) => named(host, service) === address)
        .map(({ service, address, port, host: { name } }) =>
          portCheck({ from: host, service, address, port, of: name }),
        ),
      ...(varsOf(host).swarm_labels.edge === 'true' ? edgeChecks(host, roots) : []),
    ]),
  ]
}

const varsOf = (host: Host) => host.vars as unknown as SwarmVars

/** Where the stack's settings say that a service outside of it is. */
const named = (host: Host, service: Backend['service']) =>
  varsOf(host).stack_settings[service === 'postgres' ? 'DATABASE_HOST' : 'REDIS_HOST']

function stackCheck(manager: Host, stack: string): Check {
  return {
    host: manager,
    service: 'swarm',
    layer: 'state',
    what: 'its nodes and services',
    // An answer is cut off at 64 KiB, which the API's words on three nodes and five services are already.
    script: sh`look=$(${lookAtStack(stack)}) || exit 1
printf '%s\n' "$look" | gzip -c | base64 -w0`,
    judge: (answer) =>
      answer.code === 0
        ? judgeStack(parseLook(gunzipSync(Buffer.from(answer.stdout, 'base64')).toString()))
        : [{ verdict: 'failed', seen: said({ ...answer, stdout: '' }) }],
  }
}

// What was rolled back serves, as it did before.
const severity = {
  converged: 'ok',
  converging: 'warning',
  'rolling back': 'warning',
  'rolled back': 'warning',
  stuck: 'failed',
} as const

/** Pure: a line for what is wrong with a node, and one for each service. */
export function judgeStack(look: StackLook): readonly Seen[] {
  const down = look.nodes.filter(({ state }) => state !== 'ready')
  const held = look.nodes.filter(({ state, availability }) => state === 'ready' && availability !== 'active')
  const managers = look.nodes.filter(({ role }) => role === 'manager')
  const voices = managers.filter(({ reachable }) => reachable).length
  const nodes: Seen = {
    verdict: down.length > 0 ? 'failed' : held.length > 0 ? 'warning' : 'ok',
    seen: [
      `${look.nodes.length} nodes`,
      `${voices} of ${managers.length} managers have a say`,
      ...down.map(({ hostname, state }) => `${hostname} is ${state}`),
      ...held.map(({ hostname, availability }) => `${hostname}: ${availability}`),
    ].join(', '),
  }
  if (look.services.length === 0) return [nodes, { verdict: 'warning', seen: 'nothing is deployed yet' }]
  return [
    nodes,
    ...look.services.map((service): Seen => {
      const tasks = look.tasks.filter(({ serviceId }) => serviceId === service.id)
      const verdict = verdictOf({ service, tasks, nodes: look.nodes, now: look.now, deployed: 0 })
      const runs = 'wanted' in verdict ? `${verdict.done} of ${verdict.wanted} run` : verdict.why
      return {
        service: service.name,
        verdict: severity[verdict.kind],
        seen: verdict.kind === 'converged' ? runs : `${verdict.kind}: ${runs}`,
      }
    }),
  ]
}

/** Asked on every node, and answered by the one that runs it. */
function dataCheck(host: Host, service: string, query: string): Check {
  const filter = `label=com.docker.swarm.service.name=${varsOf(host).stack_name}_${service}`
  return {
    host,
    service,
    layer: 'query',
    what: service,
    script: sh`id=$(docker ps -q --filter ${filter} | head -n 1)
[ -n "$id" ] || exit 0
timeout 4 docker exec "$id" sh -c ${query}`,
    judge: (answer) => {
      if (answer.code === 0 && answer.stdout === '') return []
      const well = answer.code === 0 && /^(1|PONG)$/.test(answer.stdout.trim())
      return [{ verdict: well ? 'ok' : 'failed', seen: well ? 'it answers' : said(answer) }]
    },
  }
}

function edgeChecks(host: Host, roots: readonly X509Certificate[]): readonly Check[] {
  const {
    SERVER_NAME: name = 'localhost',
    HTTP_PORT: http = '80',
    HTTPS_PORT: https = '443',
  } = varsOf(host).stack_settings
  const through = (service: string, path: string) =>
    webCheck({
      host,
      service,
      layer: 'https',
      url: `https://${name}:${https}${path}`,
      // -k: the certificate is a check of its own.
      options: ['-k', '--resolve', `${name}:${https}:127.0.0.1`],
      what: path,
    })
  return [
    redirectCheck({
      host,
      service: 'nginx',
      layer: 'https',
      url: `http://${name}:${http}/`,
      options: ['--resolve', `${name}:${http}:127.0.0.1`],
      what: `http on port ${http}`,
    }),
    certificateCheck({ host, port: Number(https), names: [name], roots }),
    through('api', '/api/ready'),
    through('web', '/'),
  ]
}
