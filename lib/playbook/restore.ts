import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backupKeys } from '../backup/keys.ts'
import { layout } from '../backup/layout.ts'
import type { DatabasePart, Manifest } from '../backup/manifest.ts'
import { chooseBackup, readManifest } from '../backup/manifest-file.ts'
import { backupLock, placeOf, signingKey } from '../backup/place.ts'
import {
  type Choice,
  check,
  cleanUp,
  demandAllowed,
  dropFolders,
  dropKept,
  needsScrub,
  readTable,
  restore,
  type Source,
  swapIn,
  type Tools,
  tidyUp,
  undo,
  type Wanted,
} from '../backup/restore/index.ts'
import { withLock } from '../engine/lock.ts'
import { type Play, schemasOf } from '../engine/play.ts'
import { exit, QuaysideError, UsageError } from '../error.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { howToSet } from '../secret/age/key.ts'
import type { Args } from './flags.ts'
import type { Run } from './playbook.ts'

type Action = 'restore' | 'swap' | 'undo' | 'drop-old' | 'drop-beside'

/** A run of playbooks/restore.ts. `tools` is the play that brings a host what it needs. */
export async function restoring(
  run: Run,
  action: Action,
  needs: Play,
  plays: readonly Play[],
): Promise<void> {
  const { args, emit } = run
  const from = args.text('from') ?? run.env
  const origin = from === run.env ? run.inventory : await inventoryOf(run.inventory, from, plays)
  const here = await placeOf(run)
  const there = origin === run.inventory ? here : await placeOf({ ...run, inventory: origin })
  try {
    if (action === 'restore') return await restoreBackup(run, { here, there, from }, needs)
    const tools = await toolsOf(run, here, there)
    const [, word] = args.positionals
    const wanted = args.texts('database')
    const which = (each: { mark: { of: string } }) => wanted.length === 0 || wanted.includes(each.mark.of)
    if (run.check) throw new UsageError(`--check does not go with restore.ts ${action}`, word)
    await withLock(run.fleet, [here.plan.db], backupLock('restore'), async () => {
      if (action === 'swap') return swapIn(tools, which)
      if (action === 'undo') return undo(tools, which)
      const dropped =
        action === 'drop-old' ? await dropOld(tools) : namesOf(await dropKept(tools, ['ready', 'differs']))
      for (const name of dropped) emit({ type: 'step', text: `dropped ${name}` })
      if (dropped.length === 0) emit({ type: 'step', text: 'there was nothing to drop' })
    })
    if (action === 'swap') run.print(`\n  ${goBack(run.env)}`)
  } finally {
    here.store.close()
    if (there !== here) there.store.close()
  }
}

type Place = Awaited<ReturnType<typeof placeOf>>

async function restoreBackup(
  run: Run,
  { here, there, from }: { here: Place; there: Place; from: string },
  needs: Play,
): Promise<void> {
  const { args, emit, env } = run
  const scrub = await scrubOf(here)
  const force = args.has('force')
  const unscrubbed = args.has('unscrubbed')
  demandAllowed({ from, to: env, scrubs: scrub.size > 0, force, unscrubbed })
  const keys = await backupKeys(from)
  if (keys === undefined)
    throw new QuaysideError(`no key is set that could open a backup of ${from}`, {
      exitCode: exit.usage,
      hint: howToSet(),
    })
  const id = await chooseBackup(there.store, from, args.positionals[0])
  const manifest = await readManifest(there.store, from, id, signingKey(there.plan))
  const source: Source = { manifest, folder: layout.backup(from, id) }
  const choice = choiceOf(args, manifest, needsScrub({ from, to: env }) && !unscrubbed ? scrub : new Map())
  emit({
    type: 'step',
    text: `backup ${id} of ${from}, as of ${manifest.postgres?.snapshotAt ?? manifest.takenAt}`,
  })
  const tools = await toolsOf(run, here, there)
  const hosts = new Set([
    here.plan.db.name,
    ...(choice.volumes ? manifest.volumes.map(({ host }) => host) : []),
  ])
  if (!run.check) {
    const on = run.inventory.hosts.filter((host) => hosts.has(host.name))
    await run.play(needs, { on })
  }
  await withLock(run.fleet, [here.plan.db], backupLock('restore'), async () => {
    if (!run.check) await cleanUp(tools)
    let done: Awaited<ReturnType<typeof restore>>
    try {
      const heads = await check(tools, source, choice)
      if (run.check) {
        emit({ type: 'step', text: 'all that can be known before says that it would succeed' })
        return
      }
      done = await restore(tools, source, choice, heads)
    } finally {
      await tidyUp(tools)
    }
    if (choice.swap && args.has('drop-old'))
      for (const name of await dropOld(tools)) emit({ type: 'step', text: `dropped ${name}` })
    else if (choice.swap) run.print(`\n  ${goBack(env)}`)
    else if (choice.wanted === undefined && choice.as === undefined && done.length > 0)
      run.print(`\n  look at it, and then put it in place: npx zx playbooks/restore.ts --env ${env} swap`)
    else if (done.length > 0)
      run.print(`\n  it is beside what serves: docker exec -it -u postgres postgres psql ${done[0]?.name}`)
  })
}

/** All that swaps have kept: databases, and what Redis and volumes held. */
async function dropOld(tools: Tools): Promise<readonly string[]> {
  return [...namesOf(await dropKept(tools, ['before'])), ...(await dropFolders(tools))]
}

const namesOf = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name)

const goBack = (env: string) =>
  `to go back: npx zx playbooks/restore.ts --env ${env} undo; once all is well: npx zx playbooks/restore.ts --env ${env} drop-old`

async function toolsOf(run: Run, here: Place, there: Place): Promise<Tools> {
  const keys = (await backupKeys(there.plan.env)) ?? { origin: 'nowhere', identities: [] }
  return {
    plan: here.plan,
    inventory: run.inventory,
    store: there.store,
    keys,
    emit: run.emit,
    signal: run.signal,
    run: randomBytes(3).toString('hex'),
    connection: here.connection,
    server: here.server,
  }
}

function choiceOf(args: Args, manifest: Manifest, scrub: Choice['scrub']): Choice {
  const tables = args.texts('table').flatMap((text) => readTable(text) ?? [])
  const wanted: Wanted = { tables, schemas: args.texts('schema') }
  const part = tables.length > 0 || wanted.schemas.length > 0
  const databases = databasesOf(args, manifest)
  const as = args.text('as')
  if ((as !== undefined || part) && databases.length !== 1)
    throw new UsageError(
      `${as === undefined ? '--table and --schema are' : '--as is'} for one database`,
      `--database ${databases.map(({ name }) => name).join(', or --database ')}`,
    )
  for (const each of tables)
    if (!databases.some((db) => db.tables.some((t) => t.schema === each.schema && t.name === each.name)))
      throw new UsageError(`backup ${manifest.id} has no table ${each.schema}.${each.name}`)
  return {
    databases,
    wanted: part ? wanted : undefined,
    as,
    swap: args.has('swap'),
    globals: args.has('globals'),
    redis: args.has('redis'),
    volumes: args.has('volumes'),
    scrub,
    jobs: args.number('jobs', 1) ?? 2,
  }
}

function databasesOf(args: Args, manifest: Manifest): readonly DatabasePart[] {
  if (args.has('no-databases')) return []
  const all = manifest.postgres?.databases ?? []
  const names = args.texts('database')
  const unknown = names.find((name) => !all.some((each) => each.name === name))
  if (unknown !== undefined)
    throw new UsageError(
      `backup ${manifest.id} has no database ${unknown}`,
      `it has ${all.map(({ name }) => name).join(', ') || 'none'}`,
    )
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
}

/** SQL by database, of restore_scrub. */
async function scrubOf({ plan, dir }: Place): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = new Map<string, string[]>()
  for (const { sql, file, database = plan.databases[0] ?? '' } of plan.settings.restore_scrub) {
    if ((sql === undefined) === (file === undefined))
      throw new UsageError('restore_scrub takes one of sql and file')
    const text = sql ?? (await readFile(join(dir, file ?? ''), 'utf8'))
    all.set(database, [...(all.get(database) ?? []), text])
  }
  return all
}

async function inventoryOf(near: Inventory, env: string, plays: readonly Play[]): Promise<Inventory> {
  const { loadInventory } = await import('../inventory/load.ts')
  const dir = join(dirname(near.dir), env)
  return loadInventory({ env, dir, schemas: schemasOf(plays), besides: [], extraVars: [] })
}
