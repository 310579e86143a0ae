import { QuaysideError } from '../../error.ts'
import { type Database, openDatabase } from '../../postgres/database.ts'
import type { DatabasePart, Manifest, ObjectEntry } from '../manifest.ts'
import { openSealed } from '../sealed.ts'
import { dropMarked, dropUnfinished, exists, type Marked, markedDatabases } from './beside.ts'
import { serverFaults } from './checks.ts'
import { headFile, type Restored, restoreDatabase } from './database.ts'
import { sweepHeads } from './dump.ts'
import { applyGlobals } from './globals.ts'
import { inspectServer, NotPossible, objectFaults, readHead, tried } from './inspect.ts'
import { beforeName, besideName, stamp } from './names.ts'
import { pourAll } from './pour.ts'
import { restoreRedis } from './redis.ts'
import { swap } from './swap.ts'
import type { Entry, Wanted } from './toc.ts'
import type { Source, Tools } from './tools.ts'
import { hostOf, restoreVolume } from './volume.ts'

/** What of a backup is wanted, and what is to become of it. */
export interface Choice {
  /** names; none for no database */
  readonly databases: readonly DatabasePart[]
  readonly wanted?: Wanted | undefined
  /** the name of the one database, where a person gives it */
  readonly as?: string | undefined
  /** whether they take the place of those that serve */
  readonly swap: boolean
  readonly globals: boolean
  readonly redis: boolean
  readonly volumes: boolean
  /** by database */
  readonly scrub: ReadonlyMap<string, readonly string[]>
  readonly jobs: number
}

/** The dumps' tables of contents, by index of the choice's databases. */
export type Heads = readonly (readonly Entry[])[]

/** What earlier runs have left half-made is removed; to be called under the lock. */
export async function cleanUp(tools: Tools): Promise<void> {
  const server = await tools.server()
  await server.connection.run(sweepHeads(server.container))
  await using admin = await openDatabase(server, 'postgres', { purpose: 'restore' })
  for (const name of await dropUnfinished(admin))
    tools.emit({ type: 'note', text: `dropped ${name}, which a run that died had left half-made` })
}

/** Removes what this run has put into the container, whatever came of it. */
export async function tidyUp(tools: Tools): Promise<void> {
  const server = await tools.server()
  await server.connection.run(sweepHeads(server.container)).catch(() => {})
}

/** Finds every reason why it would fail, before anything is begun. Throws NotPossible with all of them. */
export async function check(tools: Tools, source: Source, choice: Choice): Promise<Heads> {
  const { manifest, folder } = source
  const { databases, globals, redis, volumes, wanted } = choice
  const faults: string[] = []
  const heads: (readonly Entry[])[] = []
  const objects = wantedObjects(manifest, choice)
  const missing = await tried(() => objectFaults(tools, folder, objects))
  faults.push(...missing)
  if (redis && manifest.redis === undefined) faults.push('there is no Redis in it')
  if (volumes)
    for (const part of manifest.volumes)
      faults.push(
        ...(await tried(async () => {
          hostOf(tools, part)
          return []
        })),
      )
  if (databases.length > 0 || globals) {
    const server = await tools.server()
    faults.push(
      ...(await tried(async () =>
        serverFaults(manifest, await inspectServer(server), {
          databases: wanted === undefined ? databases : databases.map((each) => ({ ...each, bytes: 0 })),
          globals,
        }),
      )),
      ...(await tried(() => nameFaults(tools, manifest, choice))),
    )
    for (const [index, each] of missing.length === 0 ? databases.entries() : [])
      faults.push(
        ...(await tried(async () => {
          heads[index] = await readHead(tools, source, server, each.object, headFile(tools, index))
          return []
        })),
      )
  }
  if (faults.length > 0) throw new NotPossible(manifest.id, faults)
  return heads
}

function wantedObjects(manifest: Manifest, choice: Choice): readonly ObjectEntry[] {
  const { databases, globals, redis, volumes } = choice
  return [
    ...databases.map((each) => each.object),
    ...(globals && manifest.postgres !== undefined ? [manifest.postgres.globals] : []),
    ...(redis && manifest.redis !== undefined ? [manifest.redis.object] : []),
    ...(volumes ? manifest.volumes.map((each) => each.object) : []),
  ]
}

async function nameFaults(tools: Tools, { id }: Manifest, choice: Choice): Promise<readonly string[]> {
  await using admin = await openDatabase(await tools.server(), 'postgres', { purpose: 'restore' })
  const marked = await markedDatabases(admin)
  const faults: string[] = []
  for (const { name } of choice.databases) {
    const into = intoName(name, id, choice)
    if (!(await exists(admin, into))) continue
    const state = marked.find((each) => each.name === into)?.mark.state
    const what = {
      ready: 'restored, to be swapped',
      differs: 'restored, but differs from its backup',
      before: '',
    }
    faults.push(
      state === undefined || state === 'building' || state === 'before'
        ? `there is a database ${into} already, which no restore made: give another name by --as`
        : `there is a database ${into} already (${what[state]}): restore.ts swap puts it in place, drop-beside removes it`,
    )
  }
  return faults
}

export function intoName(database: string, backup: string, { as }: Pick<Choice, 'as'>): string {
  return as ?? besideName(database, backup)
}

/** Restores what is wanted, swaps where that is wanted too. To be called under the lock, and after `check`. */
export async function restore(
  tools: Tools,
  source: Source,
  choice: Choice,
  heads: Heads,
): Promise<readonly Restored[]> {
  const { manifest } = source
  const done: Restored[] = []
  if (choice.globals && manifest.postgres !== undefined)
    await restoreGlobals(tools, source, manifest.postgres.globals)
  for (const [index, part] of choice.databases.entries()) {
    const restored = await restoreDatabase(tools, source, {
      part,
      into: intoName(part.name, manifest.id, choice),
      index,
      entries: heads[index] ?? [],
      wanted: choice.wanted,
      // Another environment's are not this one's: its roles differ, and a setting may be a secret.
      properties: choice.wanted === undefined && manifest.env === tools.plan.env,
      scrub: choice.scrub.get(part.name) ?? [],
      jobs: choice.jobs,
    })
    done.push(restored)
    tellRestored(tools, manifest, restored)
  }
  if (!choice.swap) return done
  const when = stamp(new Date())
  if (choice.redis && manifest.redis !== undefined) {
    const { keys, expired, before } = await restoreRedis(tools, source, manifest.redis, when)
    const gone = expired === 0 ? '' : `, ${expired} more had expired`
    tools.emit({ type: 'step', text: `redis: ${keys} keys${gone}; its old data is kept in ${before}` })
  }
  if (choice.volumes)
    for (const part of manifest.volumes) {
      const before = await restoreVolume(tools, source, part, when)
      tools.emit({
        type: 'step',
        text: `${part.kind} ${part.name} of ${part.host}; what it held is in ${before}`,
      })
    }
  const mine = new Set(done.map(({ name }) => name))
  if (mine.size > 0) await swapIn(tools, (each) => mine.has(each.name))
  return done
}

function tellRestored({ emit }: Tools, { id }: Manifest, restored: Restored): void {
  const { name, tables, rows, rowsMs, indexesMs, verifyMs, vectors, notes } = restored
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const built = vectors.map(({ index, ms }) => `${index} ${seconds(ms)}`)
  const of = built.length === 0 ? '' : ` (of vectors: ${built.join(', ')})`
  emit({
    type: 'step',
    text: `${name} holds what backup ${id} does: ${tables} tables, ${rows} rows; rows ${seconds(rowsMs)}, indexes ${seconds(indexesMs)}${of}, verified ${seconds(verifyMs)}`,
    ms: rowsMs + indexesMs + verifyMs,
  })
  for (const text of notes) emit({ type: 'note', text: `${name}: ${text}` })
}

async function restoreGlobals(tools: Tools, source: Source, object: ObjectEntry): Promise<void> {
  const server = await tools.server()
  const { vars } = tools.plan.db
  const managed = ['postgres', ...(typeof vars.postgres_user === 'string' ? [vars.postgres_user] : [])]
  const began = performance.now()
  const sealed = await openSealed(tools.store, source.folder, object, tools.keys, tools.signal)
  await pourAll(
    server.connection,
    applyGlobals(server.container, server.admin ?? 'postgres', managed),
    sealed,
    {
      title: 'roles and settings',
      signal: tools.signal,
    },
  )
  tools.emit({
    type: 'step',
    text: `roles and their settings; ${managed.join(' and ')} stay as the inventory says`,
    ms: performance.now() - began,
  })
}

/** Puts restored databases in the place of those that serve, all in one transaction. */
export async function swapIn(tools: Tools, which: (each: Marked) => boolean): Promise<void> {
  const server = await tools.server()
  const now = new Date()
  const chosen = await newest(server, (each) => each.mark.state === 'ready' && each.mark.whole && which(each))
  if (chosen.length === 0)
    throw new QuaysideError('no database is restored and waits to be swapped', {
      hint: 'npx zx playbooks/restore.ts --env … restores the newest backup; one table alone is never swapped',
    })
  const cut = await swap(
    server,
    chosen.map(({ name, mark: { comment, ...mark } }) => ({
      live: mark.of,
      beside: name,
      away: beforeName(mark.of, now),
      mark: { ...mark, state: 'before', run: tools.run, at: now.toISOString() },
      carry: true,
      comment,
    })),
    { signal: tools.signal },
  )
  for (const { name, mark } of chosen)
    tools.emit({
      type: 'step',
      text: `${name} is ${mark.of} now (${cut} sessions were cut off); what served is kept as ${beforeName(mark.of, now)}`,
    })
}

/** Swaps back: what served before the last swap serves again, and what served until now is kept. */
export async function undo(tools: Tools, which: (each: Marked) => boolean): Promise<void> {
  const server = await tools.server()
  const now = new Date()
  const chosen = await newest(server, (each) => each.mark.state === 'before' && which(each))
  if (chosen.length === 0) throw new QuaysideError('nothing was swapped, or what served before is dropped')
  const cut = await swap(
    server,
    chosen.map(({ name, mark: { comment, ...mark } }) => ({
      live: mark.of,
      beside: name,
      away: beforeName(mark.of, now),
      mark: { ...mark, state: 'before', run: tools.run, at: now.toISOString() },
      carry: false,
      comment,
    })),
    { signal: tools.signal },
  )
  for (const { name, mark } of chosen)
    tools.emit({
      type: 'step',
      text: `${name} is ${mark.of} again (${cut} sessions were cut off); what served is kept as ${beforeName(mark.of, now)}`,
    })
}

/** Drops what restores have kept: databases in one of these states. */
export async function dropKept(
  tools: Tools,
  states: readonly Marked['mark']['state'][],
): Promise<readonly Marked[]> {
  await using admin = await openDatabase(await tools.server(), 'postgres', { purpose: 'restore' })
  const kept = (await markedDatabases(admin)).filter(({ mark }) => states.includes(mark.state))
  for (const each of kept) await dropMarked(admin, each)
  return kept
}

/** The newest database for each name that serves. */
async function newest(
  server: Parameters<typeof openDatabase>[0],
  which: (each: Marked) => boolean,
): Promise<readonly Marked[]> {
  await using admin: Database = await openDatabase(server, 'postgres', { purpose: 'restore' })
  const all = (await markedDatabases(admin)).filter(which)
  return all.filter(({ mark }, index) => all.findIndex((each) => each.mark.of === mark.of) === index)
}
