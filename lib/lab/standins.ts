import { join } from 'node:path'
import { pipe, run } from '../command.ts'
import { baseImage, ensureBaseImage } from './base-image.ts'
import { buildImage } from './build.ts'
import type { Suite } from './debian.ts'
import { fingerprint, fingerprintDirectory } from './fingerprint.ts'
import { recipes } from './recipes.ts'
import { digestOf, inRegistry, tagDigest } from './registry.ts'
import { registryName } from './topology.ts'

type Log = (line: string) => void

/**
 * Images that take the place of the pinned upstream ones where no image registry can be reached: same
 * interface, built from Debian's packages. Elsewhere an inventory names the upstream images instead.
 */
const table = {
  postgres: { tag: '15', suite: 'bookworm', about: 'PostgreSQL 15 with pgvector' },
  redis: { tag: '7.0', suite: 'bookworm', about: 'Redis 7.0' },
  nginx: { tag: '1.26', suite: 'trixie', about: 'nginx 1.26' },
  python: { tag: '3.11', suite: 'bookworm', about: 'Python 3.11 with FastAPI' },
  node: { tag: '18.17.0', suite: 'bookworm', about: 'Node.js 18.17.0' },
} as const satisfies Record<string, { tag: string; suite: Suite; about: string }>

export type StandInName = keyof typeof table

export interface StandIn {
  /** By tag: registry.lab:5000/standin/postgres:15 */
  readonly reference: string
  /** By digest: registry.lab:5000/standin/postgres@sha256:… */
  readonly pinned: string
  readonly digest: string
}

export const standInNames = Object.keys(table) as readonly StandInName[]

/** The reference of a stand-in by tag, whether or not it has been built. */
export function standInReference(name: StandInName): string {
  return `${registryName}/standin/${name}:${table[name].tag}`
}

/** Builds and pushes the stand-ins whose recipe has changed since; the registry must be up. */
export async function ensureStandIns(log: Log): Promise<Readonly<Record<StandInName, StandIn>>> {
  const bases = new Map<Suite, Promise<string>>()
  const base = (suite: Suite): Promise<string> => {
    const pushed = bases.get(suite) ?? ensureBase(suite, log)
    bases.set(suite, pushed)
    return pushed
  }
  const built = standInNames.map(async (name) => [name, await ensureStandIn(name, base, log)] as const)
  return Object.fromEntries(await Promise.all(built)) as Record<StandInName, StandIn>
}

async function ensureStandIn(
  name: StandInName,
  base: (suite: Suite) => Promise<string>,
  log: Log,
): Promise<StandIn> {
  const { tag, suite, about } = table[name]
  const repository = `standin/${name}`
  const directory = join(recipes, name)
  const recipe = `recipe-${fingerprint(await baseImage(suite), await fingerprintDirectory(directory))}`
  let digest = await digestOf(repository, recipe)
  if (!digest) {
    const from = await base(suite)
    log(`building the stand-in for ${name} (${about})`)
    const said: string[] = []
    const image = await buildImage({
      context: directory,
      repository,
      tag: recipe,
      buildArgs: { BASE: from },
      log: (line) => said.push(line),
    }).catch((error: unknown) => {
      for (const line of said.slice(-40)) log(line)
      throw error
    })
    digest = image.digest
  }
  if ((await digestOf(repository, tag)) !== digest) await tagDigest(repository, digest, tag)
  return { reference: standInReference(name), pinned: `${registryName}/${repository}@${digest}`, digest }
}

/** Puts a minimal Debian into the registry, for Dockerfiles to start from; returns its reference. */
async function ensureBase(suite: Suite, log: Log): Promise<string> {
  const local = await baseImage(suite)
  const tag = local.split(':')[1] ?? suite
  const reference = `${registryName}/standin/debian:${tag}`
  if (await digestOf('standin/debian', tag)) return reference
  await ensureBaseImage(suite, log)
  await pipe(['docker', 'save', local], inRegistry('docker', 'load', '--quiet'))
  await run(inRegistry('docker', 'tag', local, reference))
  await run(inRegistry('docker', 'push', '--quiet', reference))
  return reference
}
