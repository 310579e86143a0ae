import { quote } from '../script/index.ts'
import {
  type ContainerSpec,
  canonicalSpec,
  type HealthCheck,
  type Mount,
  type Port,
  specHash,
} from './container-spec.ts'

/** The label that holds the hash of the canonical spec, and the one that holds the spec. */
export const label = { hash: 'quayside.spec', json: 'quayside.spec.json' } as const

/**
 * The words behind `docker create` that make a container by this spec; without how often its health is asked for where
 * that is left to who knows the engine.
 */
export function createArguments(
  name: string,
  spec: ContainerSpec,
  interval: 'told' | 'left out' = 'told',
): string[] {
  const canonical = canonicalSpec(spec)
  return [
    ...option('--name', name),
    ...option('--label', `${label.hash}=${specHash(canonical)}`),
    ...option('--label', `${label.json}=${canonical}`),
    ...each('--label', pairs(spec.labels)),
    ...option('--restart', spec.restart ?? 'unless-stopped'),
    ...option('--stop-timeout', spec.stopTimeoutSeconds ?? 10),
    ...option('--stop-signal', spec.stopSignal),
    ...flag('--init', spec.init),
    ...option('--entrypoint', spec.entrypoint),
    ...option('--user', spec.user),
    ...each('--group-add', spec.groups),
    ...option('--workdir', spec.workdir),
    ...each('--env', pairs(spec.env)),
    ...option('--env-file', spec.envFile),
    ...each('--mount', spec.mounts?.map(mountValue)),
    ...each('--tmpfs', spec.tmpfs),
    ...option('--network', spec.network),
    ...option('--network-alias', spec.networkAlias),
    ...option('--hostname', spec.hostname),
    ...each('--add-host', pairs(spec.hosts, ':')),
    ...each('--publish', spec.ports?.map(portValue)),
    ...isolation(spec),
    ...limits(spec),
    ...health(spec.health, interval === 'told'),
    spec.image,
    ...(spec.command ?? []),
  ]
}

function isolation(spec: ContainerSpec): string[] {
  return [
    ...flag('--read-only', spec.readOnly),
    ...each('--cap-drop', spec.capDrop),
    ...each('--cap-add', spec.capAdd),
    ...option('--security-opt', (spec.noNewPrivileges ?? true) ? 'no-new-privileges' : undefined),
    ...each('--sysctl', pairs(spec.sysctls)),
  ]
}

function limits(spec: ContainerSpec): string[] {
  return [
    ...option('--memory', spec.memoryMb === undefined ? undefined : `${spec.memoryMb}m`),
    ...option('--shm-size', spec.shmMb === undefined ? undefined : `${spec.shmMb}m`),
    ...option('--cpus', spec.cpus),
    ...option('--pids-limit', spec.pidsLimit),
    ...each('--ulimit', pairs(spec.ulimits)),
    // Each line of its log says whose it is: a collector sees Docker's files, which are called by ids.
    ...option('--log-opt', 'tag={{.Name}}'),
    ...each('--log-opt', spec.logMaxSize === undefined ? [] : [`max-size=${spec.logMaxSize}`]),
    ...each('--log-opt', spec.logMaxFile === undefined ? [] : [`max-file=${spec.logMaxFile}`]),
  ]
}

function health(check: HealthCheck | 'none' | undefined, interval: boolean): string[] {
  if (check === undefined) return []
  if (check === 'none') return ['--no-healthcheck']
  const seconds = (value: number | undefined) => (value === undefined ? undefined : `${value}s`)
  return [
    // docker hands it to the container's sh, hence the quotes
    ...option('--health-cmd', check.command?.map(quote).join(' ')),
    ...(interval ? option('--health-interval', seconds(check.intervalSeconds)) : []),
    ...option('--health-timeout', seconds(check.timeoutSeconds)),
    ...option('--health-retries', check.retries),
    ...option('--health-start-period', seconds(check.startPeriodSeconds)),
  ]
}

function mountValue({ source, target, readOnly }: Mount): string {
  const type = source.startsWith('/') ? 'bind' : 'volume'
  return `type=${type},source=${source},target=${target}${readOnly === true ? ',readonly' : ''}`
}

function portValue({ host, container, address, protocol = 'tcp' }: Port): string {
  return `${address === undefined ? '' : `${bracketed(address)}:`}${host}:${container}/${protocol}`
}

function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address
}

function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)]
}

function flag(name: string, on: boolean | undefined): string[] {
  return on === true ? [name] : []
}

function each(name: string, values: readonly string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => [name, value])
}

function pairs(record: Readonly<Record<string, string>> | undefined, between = '='): string[] {
  return Object.entries(record ?? {}).map(([key, value]) => `${key}${between}${value}`)
}
