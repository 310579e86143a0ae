import { createHash } from 'node:crypto'
import { isSecret } from '../secret/index.ts'
import { absolutePath, matching, oneLine, whole } from './argument.ts'

/** A directory or file of the host (source begins with "/"), or a named volume. */
export interface Mount {
  readonly source: string
  readonly target: string
  readonly readOnly?: boolean | undefined
}

export interface Port {
  readonly host: number
  readonly container: number
  /** address of the host to listen on; all of them unless told */
  readonly address?: string | undefined
  readonly protocol?: 'tcp' | 'udp' | undefined
}

/**
 * While a container starts, within startPeriodSeconds, docker 25 and later asks each second. An older one knows one
 * interval alone, and asks each ten seconds where that is less.
 */
export interface HealthCheck {
  /** argv inside the container: ['redis-cli', 'ping'], or ['sh', '-c', '…']; the image's own unless told */
  readonly command?: readonly string[] | undefined
  readonly intervalSeconds?: number | undefined
  readonly timeoutSeconds?: number | undefined
  readonly retries?: number | undefined
  readonly startPeriodSeconds?: number | undefined
}

/**
 * How a container shall run. All of it stands in docker's argv and in two labels, so no secret may be in it: secrets
 * go in a file, mounted or given as envFile, and its fingerprint in `revision`.
 */
export interface ContainerSpec {
  readonly image: string
  readonly command?: readonly string[] | undefined
  readonly entrypoint?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** path on the host, read by docker when the container is created */
  readonly envFile?: string | undefined
  readonly mounts?: readonly Mount[] | undefined
  readonly ports?: readonly Port[] | undefined
  /** "host", or the name of a network */
  readonly network?: string | undefined
  readonly networkAlias?: string | undefined
  readonly hostname?: string | undefined
  /** names that /etc/hosts of the container gets: { 'db-1': '10.0.0.4' } */
  readonly hosts?: Readonly<Record<string, string>> | undefined
  readonly user?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly workdir?: string | undefined
  /** a read-only root file system */
  readonly readOnly?: boolean | undefined
  readonly tmpfs?: readonly string[] | undefined
  readonly capDrop?: readonly string[] | undefined
  readonly capAdd?: readonly string[] | undefined
  /** true unless told */
  readonly noNewPrivileges?: boolean | undefined
  readonly memoryMb?: number | undefined
  readonly shmMb?: number | undefined
  readonly cpus?: number | undefined
  readonly pidsLimit?: number | undefined
  readonly ulimits?: Readonly<Record<string, string>> | undefined
  readonly sysctls?: Readonly<Record<string, string>> | undefined
  /** a small init as PID 1 that reaps zombies */
  readonly init?: boolean | undefined
  readonly stopSignal?: string | undefined
  /** 10 unless told */
  readonly stopTimeoutSeconds?: number | undefined
  /** 'unless-stopped' unless told */
  readonly restart?: 'no' | 'always' | 'unless-stopped' | `on-failure:${number}` | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** 'none' switches off the image's own */
  readonly health?: HealthCheck | 'none' | undefined
  readonly logMaxSize?: string | undefined
  readonly logMaxFile?: number | undefined
  /** anything that shall force a new container when it changes: the fingerprint of a secret or of a mounted file */
  readonly revision?: string | undefined
}

/** Throws a TypeError at the first thing in a spec that docker would refuse, or that is not safe. */
export function checkSpec(spec: ContainerSpec): void {
  refuseSecrets(spec, 'spec')
  oneWord(spec.image, 'image')
  for (const key of Object.keys(spec.env ?? {})) matching(key, /^[A-Za-z_][\w.-]*$/, 'name of a variable')
  if (spec.envFile !== undefined) absolutePath(spec.envFile, 'envFile')
  for (const mount of spec.mounts ?? []) checkMount(mount)
  for (const port of spec.ports ?? []) {
    whole(port.host, 1, 65535, 'host port')
    whole(port.container, 1, 65535, 'container port')
  }
  if (spec.network === 'host' && (spec.ports?.length ?? 0) > 0) {
    throw new TypeError('a container on the network "host" publishes no ports')
  }
  if (spec.networkAlias !== undefined && (spec.network === undefined || spec.network === 'host')) {
    throw new TypeError('networkAlias needs a network of its own')
  }
  for (const key of Object.keys(spec.labels ?? {})) {
    matching(key, /^(?!quayside\.spec)[\w./-]+$/, 'name of a label')
  }
  if (spec.memoryMb !== undefined) whole(spec.memoryMb, 6, 16_777_216, 'memoryMb')
  if (spec.stopTimeoutSeconds !== undefined) whole(spec.stopTimeoutSeconds, 0, 3600, 'stopTimeoutSeconds')
  if (typeof spec.health === 'object' && spec.health.command?.length === 0) {
    throw new TypeError('health.command must name a command')
  }
}

/** A spec as one line of JSON with sorted keys, defaults filled in: equal for equal containers. */
export function canonicalSpec(spec: ContainerSpec): string {
  const { restart = 'unless-stopped', noNewPrivileges = true, stopTimeoutSeconds = 10 } = spec
  return JSON.stringify(sorted({ ...spec, restart, noNewPrivileges, stopTimeoutSeconds }))
}

export function specHash(canonical: string): string {
  return createHash('sha256').update(canonical).digest('hex')
}

/** What two canonical specs do not share, as lines "-env.PORT: "80"" and "+env.PORT: "81"". */
export function specDiff(before: string, after: string): string {
  const [old, now] = [flat(before), flat(after)]
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort()
  return keys
    .filter((key) => old.get(key) !== now.get(key))
    .flatMap((key) => [...signed('-', key, old.get(key)), ...signed('+', key, now.get(key))])
    .join('\n')
}

function signed(sign: string, key: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${sign}${key}: ${value}`]
}

function flat(json: string): Map<string, string> {
  const lines = new Map<string, string>()
  for (const [key, value] of Object.entries(parsed(json))) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [inner, each] of Object.entries(value)) lines.set(`${key}.${inner}`, JSON.stringify(each))
    } else lines.set(key, JSON.stringify(value))
  }
  return lines
}

/** A label is a host's word, so anything may stand there. */
function parsed(json: string): object {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]),
  )
}

function checkMount({ source, target }: Mount): void {
  absolutePath(target, 'target of a mount')
  if (source.startsWith('/')) absolutePath(source, 'source of a mount')
  else matching(source, /^[a-zA-Z0-9][\w.-]+$/, 'name of a volume')
  if (/[,"]/.test(source + target)) throw new TypeError(`a mount's path holds a comma or a quote: ${source}`)
}

function refuseSecrets(value: unknown, where: string): void {
  if (isSecret(value)) {
    throw new TypeError(
      `a secret stands in ${where}, which docker shows to anyone: give it in an envFile or a mount`,
    )
  }
  if (typeof value !== 'object' || value === null) return
  for (const [key, each] of Object.entries(value)) refuseSecrets(each, `${where}.${key}`)
}

/** The text itself when it is one word of no white space. */
export function oneWord(value: string, what: string): string {
  oneLine(value, what)
  if (!/^[^\s-]\S*$/.test(value)) throw new TypeError(`${what} must be one word: ${JSON.stringify(value)}`)
  return value
}
