import { type Release, sameRelease } from '../deploy/release.ts'
import { type Stored, store } from './content.ts'
import { StackFailed } from './failure.ts'
import { keepOnEach, newestKept } from './keep.ts'
import { Managers } from './manager.ts'
import { clearMigration, migrate } from './migrate.ts'
import { rollOut, type StackWork } from './rollout.ts'
import type { StackFile } from './stack-file.ts'
import { takeOver } from './take-over.ts'

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
  const kept = await newestKept(work)
  const services = Object.keys(wanted.file.services)
  const rollout = { stack, text, services, prune: true }
  const provide = () => managers.ask('store configs and secrets', store(stack, wanted.stored), 120)
  if (sameRelease(kept.history.at(-1), release)) {
    await clearMigration(managers, wanted)
    // After a `docker stack rm` there are none.
    await provide()
    // What somebody changed by hand is put right; where nobody did, Docker makes no task anew.
    const failures = await rollOut(work, managers, rollout)
    if (failures.length > 0)
      throw new StackFailed(release.id, failures, { hint: 'it is the release that was deployed last, too' })
    emit({ type: 'step', text: `${release.id} was deployed before, and every service runs it` })
    return
  }
  const last = kept.history.at(-1)
  if (last?.kind === 'scale')
    emit({
      type: 'note',
      text: `${last.by} has scaled ${last.id}: how many run is the inventory's word again`,
    })
  await keepOnEach(work, release, text, wanted.stored)
  await provide()
  await migrate(work, managers, wanted)
  await takeOver(work, managers, { ...rollout, release, kind: 'deploy' }, kept)
}
