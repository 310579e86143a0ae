import { openDatabase } from '../../postgres/database.ts'
import { dropUnfinished } from './beside.ts'
import { intoName } from './check.ts'
import type { Choice, DatabaseChoice, Heads } from './choice.ts'
import { type Restored, restoreDatabase } from './database.ts'
import { sweepHeads } from './dump.ts'
import { applyGlobals } from './globals.ts'
import { stamp } from './names.ts'
import { backupOrigin, type Origin } from './origin.ts'
import { pourAll } from './pour.ts'
import { restoreRedis } from './redis.ts'
import { swapIn } from './swap-in.ts'
import type { Source, Tools } from './tools.ts'
import { restoreVolume } from './volume.ts'

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

/** Restores what is wanted of a backup, swaps where that is wanted too. To be called under the lock, and after `check`. */
export async function restore(
  tools: Tools,
  source: Source,
  choice: Choice,
  heads: Heads,
): Promise<readonly Restored[]> {
  const { manifest } = source
  const done = await restoreDatabases(tools, backupOrigin(tools, source), choice, heads)
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
  await swapThose(tools, done)
  return done
}

/** Roles, where they are wanted, and databases, each beside what serves. To be called under the lock, and after they were checked. */
export async function restoreDatabases(
  tools: Tools,
  origin: Origin,
  choice: DatabaseChoice,
  heads: Heads,
): Promise<readonly Restored[]> {
  const done: Restored[] = []
  if (choice.globals && origin.version !== undefined) await restoreGlobals(tools, origin)
  for (const [index, part] of choice.databases.entries()) {
    const restored = await restoreDatabase(tools, origin, {
      part,
      into: intoName(part.name, origin.id, choice),
      index,
      entries: heads[index] ?? [],
      wanted: choice.wanted,
      // Another environment's are not this one's: its roles differ, and a setting may be a secret.
      properties: choice.wanted === undefined && origin.env === tools.plan.env,
      scrub: choice.scrub.get(part.name) ?? [],
      jobs: choice.jobs,
    })
    done.push(restored)
    tellRestored(tools, origin, restored)
  }
  return done
}

/** Puts what a run has restored in the place of what serves. */
export async function swapThose(tools: Tools, done: readonly Restored[]): Promise<void> {
  const mine = new Set(done.map(({ name }) => name))
  if (mine.size > 0) await swapIn(tools, (each) => mine.has(each.name))
}

function tellRestored({ emit }: Tools, { title }: Origin, restored: Restored): void {
  const { name, tables, rows, rowsMs, indexesMs, verifyMs, vectors, notes } = restored
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const built = vectors.map(({ index, ms }) => `${index} ${seconds(ms)}`)
  const of = built.length === 0 ? '' : ` (of vectors: ${built.join(', ')})`
  emit({
    type: 'step',
    text: `${name} holds what ${title} does: ${tables} tables, ${rows} rows; rows ${seconds(rowsMs)}, indexes ${seconds(indexesMs)}${of}, verified ${seconds(verifyMs)}`,
    ms: rowsMs + indexesMs + verifyMs,
  })
  for (const text of notes) emit({ type: 'note', text: `${name}: ${text}` })
}

async function restoreGlobals(tools: Tools, origin: Origin): Promise<void> {
  const server = await tools.server()
  const { vars } = tools.plan.db
  const managed = ['postgres', ...(typeof vars.postgres_user === 'string' ? [vars.postgres_user] : [])]
  const began = performance.now()
  const { script, input } = origin.globals()
  await pourAll(
    server.connection,
    applyGlobals(script, server.container, server.admin ?? 'postgres', managed),
    await input(),
    { title: 'roles and settings', signal: tools.signal },
  )
  tools.emit({
    type: 'step',
    text: `roles and their settings; ${managed.join(' and ')} stay as the inventory says`,
    ms: performance.now() - began,
  })
}
