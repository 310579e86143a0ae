import { type Release, sameRelease } from '../deploy/release.ts'
import { whoami } from '../engine/lock.ts'
import { messageOf, QuaysideError } from '../error.ts'
import type { Script } from '../script/index.ts'
import { type Stored, store } from './content.ts'
import { StackFailed } from './failure.ts'
import { keepFile, keptByAll, noteDeployed } from './kept.ts'
import { Managers } from './manager.ts'
import { clearMigration, migrate } from './migrate.ts'
import { prune } from './prune.ts'
import { revert } from './revert.ts'
import { rollOut, type StackWork } from './rollout.ts'
import type { StackFile } from './stack-file.ts'

/** A stack as it is to be deployed: everything in it is fixed by its content. */
export interface StackRelease {
  readonly stack: string
  readonly release: Release
  /** with digests, and with the names of what is stored */
  readonly file: StackFile
  readonly text: string
  readonly stored: readonly Stored[]
  /** services that keep data: they run before anything is migrated */
  readonly data: readonly string[]
  /** what runs once before the services are updated; undefined where there is nothing to migrate */
  readonly migration: { readonly stack: string; readonly file: StackFile } | undefined
}

/**
 * Deploys a stack, and gives back when every service runs as deployed. Where one does not, the release before is
 * deployed again, all of it, and a StackFailed says which service, which task, and why.
 */
export async function deployStack(work: StackWork, wanted: StackRelease): Promise<void> {
  const { emit } = work
  const { stack, release, text } = wanted
  const managers = new Managers(work, work.managers)
  const kept = await keptByAll(work.fleet, work.managers)
  const services = Object.keys(wanted.file.services)
  const rollout = { stack, text, services, prune: true }
  if (sameRelease(kept.history.at(-1), release)) {
    await clearMigration(managers, wanted)
    // What somebody changed by hand is put right; where nobody did, Docker makes no task anew.
    const failures = await rollOut(work, managers, rollout)
    if (failures.length > 0)
      throw new StackFailed(release.id, failures, { hint: 'it is the release that was deployed last, too' })
    emit({ type: 'step', text: `${release.id} was deployed before, and every service runs it` })
    return
  }
  await onEach(work, 'keep the file of the release', keepFile(release, text))
  await managers.ask('store configs and secrets', store(stack, wanted.stored), 120)
  await migrate(work, managers, wanted)
  const failures = await rollOut(work, managers, rollout)
  if (failures.length > 0) throw await revert(work, managers, { stack, release, failures }, kept)
  const deployed = { ...release, at: new Date().toISOString(), by: whoami(), kind: 'deploy' } as const
  await onEach(work, 'write the history', noteDeployed(deployed))
  emit({ type: 'step', text: `${release.id} is deployed: every service runs it` })
  await prune(work, managers, stack, [text, kept.file])
}

/** On every manager; one that went away meanwhile is told of: the history is read from those that were there. */
async function onEach({ fleet, managers, emit }: StackWork, step: string, script: Script): Promise<void> {
  const settled = await Promise.allSettled(
    managers.map((host) => fleet.run([host], step, () => script, { timeoutSeconds: 30 })),
  )
  const failed = settled.flatMap((each) => (each.status === 'rejected' ? [messageOf(each.reason)] : []))
  if (failed.length === settled.length) throw new QuaysideError(`${step}: ${failed.join('; ')}`)
  for (const why of failed) emit({ type: 'note', text: `${step}: ${why}` })
}
