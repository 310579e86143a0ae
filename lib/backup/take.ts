import { whoami, withLock } from '../engine/lock.ts'
import { QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { backupRecipients } from './keys.ts'
import { layout, newId } from './layout.ts'
import {
  dumpsOf,
  type Manifest,
  manifestVersion,
  type ObjectEntry,
  objectsOf,
  type PostgresPart,
  plainVersion,
  type RedisPart,
  type VolumePart,
} from './manifest.ts'
import { listBackups, writeManifest } from './manifest-file.ts'
import { word } from './object-keys.ts'
import { backupLock, type Place, signingKey } from './place.ts'
import type { VolumeSource } from './plan.ts'
import { keepPart, keptPart, type PartRecord, type Records } from './record.ts'
import { takeRedis } from './redis.ts'
import type { Shipping } from './ship.ts'
import { isFresh, removeBelow, sweepIncomplete } from './sweep.ts'
import { takePostgres } from './take-postgres.ts'
import { together } from './together.ts'
import { demandTools } from './tools.ts'
import { folderOf, mendFolder, takeVolume } from './volume.ts'

/** What makes the parts of a backup; a test hands in others. */
export interface Sources {
  postgres(shipping: Shipping): Promise<PostgresPart>
  redis(shipping: Shipping): Promise<RedisPart>
  volume(shipping: Shipping, source: VolumeSource): Promise<VolumePart>
}

const real: Sources = {
  postgres: takePostgres,
  redis: takeRedis,
  volume: async (shipping, source) => takeVolume(shipping, source, await folderOf(shipping.place, source)),
}

export interface TakeOptions {
  /** goes on with the newest backup, where it was interrupted less than a day ago */
  readonly resume: boolean
  /** what is served, asked while the dump runs; undefined where nothing is, or it is not known */
  readonly served: () => Promise<Manifest['release']>
}

/** Hosts that something is backed up from, each once. */
export function hostsOf({ plan }: Place): readonly Host[] {
  return [
    ...new Map([plan.db, ...plan.volumes.map((each) => each.host)].map((host) => [host.name, host])).values(),
  ]
}

/**
 * Takes a backup: what could keep it from being taken is found out before anything is dumped, and the manifest is
 * written last. A run that ends before that leaves objects that are no backup: they are listed as incomplete.
 */
export async function takeBackup(place: Place, options: TakeOptions): Promise<Manifest> {
  const { plan, fleet, dir, store } = place
  const key = signingKey(plan)
  const recipients = await backupRecipients(plan, dir)
  return withLock(fleet, [plan.db], backupLock('backup'), async () => {
    await demandStore(place)
    const tools = await demandTools(place, hostsOf(place))
    for (const source of plan.volumes) await mendFolder(place, source, await folderOf(place, source))
    const { id, resumed } = await begun(place, options.resume)
    const records = { store, env: plan.env, id, key }
    const manifest = await gather(
      place,
      { records, resumed, recipients, tools, served: options.served },
      real,
    )
    await writeManifest(store, manifest, key)
    await tidy(place, manifest)
    return manifest
  })
}

/** Takes the parts that are not there yet, hosts at the same time and a host's one after another. */
export async function gather(
  place: Place,
  given: {
    readonly records: Records
    readonly resumed: boolean
    readonly recipients: readonly string[]
    readonly tools: Manifest['tools']
    readonly served: TakeOptions['served']
  },
  sources: Sources,
): Promise<Manifest> {
  const { plan } = place
  const { records, recipients, tools } = given
  const folder = layout.backup(records.env, records.id)
  const shipping = (signal: AbortSignal): Shipping => ({ place, folder, recipients, signal })
  const elsewhere = hostsOf(place).filter((host) => host.name !== plan.db.name)
  const volumesOf = async (host: Host, signal: AbortSignal) => {
    const done: PartRecord<VolumePart>[] = []
    for (const source of plan.volumes.filter((each) => each.host.name === host.name)) {
      const name = `${source.kind}.${word(host.name)}.${word(source.name)}`
      done.push(
        await part(
          place,
          given,
          name,
          ({ object }) => [object],
          () => sources.volume(shipping(signal), source),
        ),
      )
    }
    return done
  }
  const [release, [redis, postgres, ...volumes], ...others] = await together(place.signal, [
    () => given.served(),
    async (signal) => {
      const redis = plan.settings.backup_redis
        ? await part(
            place,
            given,
            'redis',
            ({ object }) => [object],
            () => sources.redis(shipping(signal)),
          )
        : undefined
      // A snapshot is gone with the run that held it: all databases and the roles are taken up together, or anew.
      const postgres = await part<PostgresPart>(
        place,
        given,
        'postgres',
        (each) => objectsOfAll(each, plan.databases),
        () => sources.postgres(shipping(signal)),
      )
      return [redis, postgres, ...(await volumesOf(plan.db, signal))] as const
    },
    ...elsewhere.map((host) => (signal: AbortSignal) => volumesOf(host, signal)),
  ] as const)
  const files = [...volumes, ...others.flat()]
  const parts = [postgres, ...(redis === undefined ? [] : [redis]), ...files]
  const [takenAt = postgres.takenAt] = parts.map((each) => each.takenAt).sort()
  return {
    version: postgres.part.databases.some((each) => each.apart !== undefined)
      ? manifestVersion
      : plainVersion,
    id: records.id,
    env: records.env,
    takenAt,
    finishedAt: new Date().toISOString(),
    by: whoami(),
    tools,
    recipients,
    ...(release === undefined ? {} : { release }),
    postgres: postgres.part,
    ...(redis === undefined ? {} : { redis: redis.part }),
    volumes: plan.volumes.flatMap(({ host, kind, name }) =>
      files
        .map((each) => each.part)
        .filter((each) => each.host === host.name && each.kind === kind && each.name === name),
    ),
  }
}

/** A part that an interrupted run has finished, or a new one, whose record is kept for a run to come. */
async function part<Part>(
  { emit }: Place,
  given: { readonly records: Records; readonly resumed: boolean; readonly recipients: readonly string[] },
  name: string,
  objects: (part: Part) => readonly ObjectEntry[] | undefined,
  make: () => Promise<Part>,
): Promise<PartRecord<Part>> {
  const { records, resumed, recipients } = given
  const kept = resumed ? await keptPart(records, name, recipients, objects) : undefined
  if (kept !== undefined) {
    emit({ type: 'note', text: `${name} is there already, taken ${kept.takenAt}` })
    return kept
  }
  const takenAt = new Date().toISOString()
  const record = { name, takenAt, recipients, part: await make() }
  await keepPart(records, record)
  return record
}

/** Undefined where the inventory asks for other databases now. */
function objectsOfAll(
  { globals, databases }: PostgresPart,
  wanted: readonly string[],
): readonly ObjectEntry[] | undefined {
  const names = databases.map((each) => each.name)
  if (names.join('\0') !== wanted.join('\0')) return undefined
  return [globals, ...databases.flatMap(dumpsOf)]
}

/** Throws with the first thing that the store does not do. */
async function demandStore({ store }: Place): Promise<void> {
  const bad = (await store.examine()).find((each) => !each.ok)
  if (bad === undefined) return
  const text = bad.text.includes(store.name) ? bad.text : `${store.name}: ${bad.text}`
  throw new QuaysideError(text, bad.hint === undefined ? {} : { hint: bad.hint })
}

/** Only the newest is gone on with: an older one's name would say that it is older than it is. */
async function begun(
  { store, plan, emit }: Place,
  resume: boolean,
): Promise<{ id: string; resumed: boolean }> {
  const [newest] = resume ? await listBackups(store, plan.env) : []
  if (newest !== undefined && !newest.complete && isFresh(newest.at)) {
    emit({ type: 'step', text: `goes on with ${newest.id}` })
    return { id: newest.id, resumed: true }
  }
  const id = newId()
  if (resume) emit({ type: 'note', text: 'there is no interrupted backup to go on with: this is a new one' })
  emit({ type: 'step', text: `takes backup ${id} to ${store.name}` })
  return { id, resumed: false }
}

/** Removes records and whatever else an earlier run left in the backup's folder, and old incomplete backups. */
async function tidy(place: Place, manifest: Manifest): Promise<void> {
  const { env, id } = manifest
  const folder = layout.backup(env, id)
  const stays = new Set([
    layout.manifest(env, id),
    ...objectsOf(manifest).map(({ key }) => `${folder}${key}`),
  ])
  await removeBelow(place.store, folder, stays).catch(() => {}) // nobody looks at them any more
  for (const each of await sweepIncomplete(place))
    place.emit({ type: 'note', text: `removed ${each}, which was interrupted more than a day ago` })
}
