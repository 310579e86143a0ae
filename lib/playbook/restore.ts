import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { layout } from '../backup/layout.ts'
import type { Manifest } from '../backup/manifest.ts'
import { chooseBackup, readManifest } from '../backup/manifest-file.ts'
import { backupLock, type Place, placeOf, signingKey } from '../backup/place.ts'
import {
  type Choice,
  check,
  cleanUp,
  demandAllowed,
  dropKept,
  needsScrub,
  type Restored,
  restore,
  type Source,
  swapIn,
  tidyUp,
  undo,
} from '../backup/restore/index.ts'
import { withLock } from '../engine/lock.ts'
import { type Play, schemasOf } from '../engine/play.ts'
import { UsageError } from '../error.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { Args } from './flags.ts'
import type { Run } from './playbook.ts'
import { chosenNames, databaseChoice } from './restore-choice.ts'
import { dropOld, goBack, goOn, keysFor, namesOf, toolsOf } from './restore-tools.ts'

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
      await cleanUp(tools) // whatever is to be done: a run that was killed leaves the head of a dump
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
  await keysFor(from) // before any host is touched
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
    let done: readonly Restored[]
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
    await goOn(run, tools, choice, done)
  })
}

function choiceOf(args: Args, manifest: Manifest, scrub: Choice['scrub']): Choice {
  const origin = `backup ${manifest.id}`
  const all = args.has('no-databases') ? [] : (manifest.postgres?.databases ?? [])
  const names = chosenNames(args, origin, namesOf(all))
  const databases = all.filter(({ name }) => names.includes(name))
  return {
    ...databaseChoice(args, origin, databases, scrub),
    redis: args.has('redis'),
    volumes: args.has('volumes'),
  }
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
