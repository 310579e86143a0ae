import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDir } from '../state.ts'
import { type Facts, readFacts } from './facts.ts'

/** Facts of a host as an earlier run saw them. */
export interface CachedFacts {
  /** when they were seen, in milliseconds since 1970 */
  readonly at: number
  readonly facts: Facts
}

/** A day: Ansible's fact_caching_timeout. */
export const factsAgeSeconds = 86_400

/** Keeps the facts of a host for later runs, in `facts/HOST.json` of the environment's state directory, mode 600. */
export async function keepFacts(env: string, host: string, facts: Facts, at = Date.now()): Promise<void> {
  const path = pathOf(env, host)
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  try {
    await writeFile(draft, `${JSON.stringify({ at, facts })}\n`, { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/**
 * The facts of a host that an earlier run kept, unless they are older than that. A file that is broken, or was written
 * by a version that knew other facts, counts as none: they are only ever a substitute for asking the host.
 */
export async function cachedFacts(
  env: string,
  host: string,
  maxAgeSeconds = factsAgeSeconds,
): Promise<CachedFacts | undefined> {
  const kept = read(await readFile(pathOf(env, host), 'utf8').catch(() => ''))
  // A clock that was put back would make them young for ever.
  const age = kept === undefined ? 0 : Date.now() - kept.at
  return age >= -60_000 && age <= maxAgeSeconds * 1000 ? kept : undefined
}

/** The cache as the engine uses it. */
export function factsStoreOf(env: string, maxAgeSeconds = factsAgeSeconds) {
  return {
    read: async (host: string): Promise<Facts | undefined> =>
      (await cachedFacts(env, host, maxAgeSeconds))?.facts,
    // A full disk here is no reason to stop working on the host.
    write: (host: string, facts: Facts): Promise<void> => keepFacts(env, host, facts).catch(() => {}),
  }
}

/** Each fact with a value of its kind, from the same function that makes them. */
const pattern: Facts = readFacts('')

function read(text: string): CachedFacts | undefined {
  try {
    const kept: unknown = JSON.parse(text)
    return isCached(kept) ? kept : undefined
  } catch {
    return undefined
  }
}

function isCached(kept: unknown): kept is CachedFacts {
  if (!isObject(kept) || typeof kept.at !== 'number' || !isObject(kept.facts)) return false
  const { facts } = kept
  return Object.entries(pattern).every(([name, value]) => typeof facts[name] === typeof value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function pathOf(env: string, host: string): string {
  // Names of hosts hold no "/": the inventory sees to it; a role may ask for anything.
  if (!/^[\w.-]+$/.test(host) || /^\.+$/.test(host)) throw new TypeError(`not the name of a host: ${host}`)
  return join(stateDir(env), 'facts', `${host}.json`)
}
