import type { Emit } from '../../engine/event.ts'
import type { Fleet } from '../../engine/fleet.ts'
import type { Session } from '../../engine/session.ts'
import type { Host } from '../../inventory/inventory.ts'
import { type Database, openDatabase, type Server } from '../../postgres/database.ts'
import type { Keys } from '../../secret/age/key.ts'
import type { Secret } from '../../secret/index.ts'
import type { Manifest } from '../manifest.ts'
import type { BackupPlan } from '../plan.ts'
import type { Catalog } from '../postgres/catalog.ts'
import type { ServedRelease, Sighting } from '../served.ts'
import type { Store } from '../store/store.ts'
import type { AppRecord, Evidence, IndexRecord, TableRecord } from './evidence.ts'
import type { Source } from './pour.ts'
import type { RedisSpec } from './redis.ts'
import type { Restored } from './restore.ts'
import type { Scratch, ServerSpec } from './scratch.ts'
import type { Steps } from './steps.ts'

/** What a drill is told: where the backups are, where to restore, and what like. */
export interface DrillSpec {
  readonly plan: BackupPlan
  readonly store: Store
  readonly fleet: Fleet
  readonly emit: Emit
  readonly signal: AbortSignal
  /** undefined: none in hand */
  readonly keys: Keys | undefined
  /** manifests and evidence are signed with it */
  readonly signingKey: Secret
  /** where the scratch server runs */
  readonly host: Host
  readonly server: ServerSpec
  /** undefined: the environment has none */
  readonly redis: RedisSpec | undefined
  /** roles whose passwords the inventory knows: a site.ts after a restore would set them */
  readonly roles: readonly { readonly name: string; readonly password: Secret }[]
  readonly boot: Boot
  /** what the edges remember of what was served when, as far as they can be asked */
  readonly history: () => Promise<readonly Sighting[]>
}

/** Which backup, and why that one. */
export interface Chosen {
  /** of a recovery to a time, the base backup that it begins with */
  readonly id: string
  /** "newest", "named", "random with seed 4711" */
  readonly how: string
}

/** What a drill restores, and what must hold of that. */
export interface Course {
  /** where its evidence goes: below what it is of */
  folder(env: string, id: string): string
  /** in steps, each with a verdict of its own */
  run(work: Work): Promise<void>
}

/** Where a release is booted: on the host of the session, in the scratch server's network. */
export interface BootPlace {
  readonly session: Session
  readonly scratch: Scratch
  readonly release: ServedRelease
  readonly signal: AbortSignal
}

/** Boots what was served when the data was as it is restored, and asks it for its health: the caller's affair, who knows the apps. */
export type Boot = (place: BootPlace) => Promise<{
  readonly apps: readonly AppRecord[]
  readonly problems: readonly string[]
}>

/** A drill under way. */
export interface Work {
  readonly spec: DrillSpec
  readonly chosen: Chosen
  readonly steps: Steps
  readonly scratch: Scratch
  readonly session: Session
  /** sessions of pg_restore and pg_amcheck at once */
  readonly jobs: number
  readonly found: Findings
}

/** What the steps have found so far. */
export interface Findings {
  /** of what was restored, or of the backup that a point in time has its Redis from */
  manifest?: Manifest | undefined
  /** what was served with that data; undefined where nobody knows */
  release?: ServedRelease | undefined
  /** of a recovery to a time */
  recovery?: Evidence['recovery']
  /** up to when nothing would have been lost; ISO 8601 */
  safeUntil?: string
  /** names of the databases that the proofs are about */
  readonly databases: string[]
  readonly restored: Map<string, readonly Restored[]>
  readonly catalogs: Map<string, Catalog>
  readonly tables: TableRecord[]
  readonly indexes: IndexRecord[]
  readonly apps: AppRecord[]
}

export function serverOf({ session, scratch }: Work): Server {
  return { connection: session.connection, container: scratch.name }
}

/** Work in a session with a database of the scratch server. */
export async function inDatabase<T>(
  work: Work,
  name: string,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const { signal } = work.spec
  const database = await openDatabase(serverOf(work), name, { purpose: 'drill', signal })
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}

/** What the objects of the drilled backup are opened by; throws where no key is in hand. */
export function sourceOf({ spec, chosen }: Work, folder: string): Source {
  const { store, keys, signal } = spec
  if (keys === undefined) throw new Error(`no key in hand opens ${chosen.id}`)
  return { store, folder, keys, signal }
}
