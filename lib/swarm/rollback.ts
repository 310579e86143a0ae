import { type Release, sameRelease } from '../deploy/release.ts'
import { QuaysideError } from '../error.ts'
import { listStored } from './content.ts'
import { keepOnEach, keptFile, newestKept, restoreOnEach } from './keep.ts'
import type { Kept, StackDeployed } from './kept.ts'
import { Managers } from './manager.ts'
import type { StackWork } from './rollout.ts'
import { serviceNames, textHash } from './stack-file.ts'
import { missing, withTodays } from './stored-names.ts'
import { takeOver } from './take-over.ts'

/** The release that `to` names, or the one before what runs. Throws a QuaysideError with what there is. */
export function targetOf(history: readonly StackDeployed[], to: string | undefined): StackDeployed {
  const now = history.at(-1)
  // To scale is no release: what was scaled is gone back from as a whole.
  const other = (each: StackDeployed) =>
    now !== undefined && !sameRelease({ ...each, config: '' }, { ...now, config: '' })
  const found = history.findLast((each) => (to === undefined ? other(each) : each.id === to))
  if (found !== undefined) return found
  const ids = [...new Set(history.map(({ id }) => id))].join(', ')
  throw new QuaysideError(
    to === undefined ? 'there is no release to go back to' : `release ${to} is not in the history`,
    { hint: ids === '' ? 'nothing was deployed yet' : `the history: ${ids}`, exitCode: 2 },
  )
}

/**
 * Deploys a release of the history again, every service of it, by the file that was kept of it: images by digest, configs as
 * they were. Secrets that have been replaced since stay replaced. Nothing is migrated: the release before an expand runs on
 * what it left.
 */
export async function rollBack(work: StackWork, stack: string, to: string | undefined): Promise<void> {
  const managers = new Managers(work, work.managers)
  const kept = await newestKept(work)
  const target = targetOf(kept.history, to)
  const last = kept.history.at(-1)
  if (sameRelease(target, last)) {
    work.emit({ type: 'step', text: `${target.id} is what runs` })
    return
  }
  const text = await textOf(work, managers, stack, target, kept)
  const release: Release = { id: target.id, images: target.images, config: textHash(text) }
  await keepOnEach(work, release, text, [])
  const services = serviceNames(text)
  await takeOver(work, managers, { stack, release, text, services, prune: true, kind: 'rollback' }, kept)
}

/** The file of a release, with all that it names there to be used. */
async function textOf(
  work: StackWork,
  managers: Managers,
  stack: string,
  target: StackDeployed,
  kept: Kept,
): Promise<string> {
  const text = await keptFile(work, target)
  const list = () => managers.ask('list configs and secrets', listStored(stack))
  const there = await list()
  const configs = missing(text, 'configs', there).map(({ object }) => object)
  if (configs.length > 0) {
    await restoreOnEach(work, stack, configs)
    const gone = missing(text, 'configs', await list())
    if (gone.length > 0)
      throw new QuaysideError(
        `no manager has kept ${gone.map(({ name }) => name).join(', ')} of ${target.id}`,
        { hint: `deploy it: deploy.ts --release ${target.id}` },
      )
  }
  const secrets = missing(text, 'secrets', there)
  if (secrets.length > 0)
    work.emit({
      type: 'note',
      text: `${secrets.map(({ name }) => name).join(', ')}: as now, not as ${target.id} had it`,
    })
  return withTodays(text, secrets, kept.file, target.id)
}
