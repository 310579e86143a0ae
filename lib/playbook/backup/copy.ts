import { amount } from '../../backup/amount.ts'
import { type Copied, copyBackup } from '../../backup/copy.ts'
import { chooseBackup, listBackups } from '../../backup/manifest-file.ts'
import { type Place, signingKey } from '../../backup/place.ts'
import { storeOf } from '../../backup/store/index.ts'
import type { Store } from '../../backup/store/store.ts'
import { exit, messageOf, QuaysideError } from '../../error.ts'
import type { Run } from '../playbook.ts'

/** The second store. Throws (exit code 2) where the inventory has none. It is to be closed. */
export async function copyStoreOf({ plan, dir, emit }: Place): Promise<Store> {
  const settings = plan.settings.backup_copy_store
  if (settings !== undefined) return storeOf(settings, { dir, tell: (text) => emit({ type: 'note', text }) })
  throw new QuaysideError('backup_copy_store is not set: where shall copies go?', {
    exitCode: exit.usage,
    hint: 'another provider, or a disk elsewhere: docs/backups.md has an example',
  })
}

/**
 * `backup.ts copy [ID|--all]`: a backup, the newest unless told, or every complete one, into the second store. Throws
 * after all of them where one could not be copied.
 */
export async function copy(run: Run, place: Place, wanted: string | undefined): Promise<void> {
  const { store, plan } = place
  const key = signingKey(plan)
  const to = await copyStoreOf(place)
  try {
    if (to.name === store.name)
      throw new QuaysideError(`backup_copy_store is backup_store: ${to.name}`, {
        exitCode: exit.usage,
        hint: 'a copy is one where it does not burn with the first',
      })
    const ids = run.args.has('all') ? await complete(place) : [await chooseBackup(store, plan.env, wanted)]
    const copied: Copied[] = []
    const failed: { readonly id: string; readonly error: unknown }[] = []
    for (const id of ids) {
      try {
        copied.push(await copyOne(run, place, { id, to, key }))
      } catch (error) {
        if (!run.args.has('all') || place.signal.aborted) throw error
        run.emit({ type: 'note', text: messageOf(error) })
        failed.push({ id, error })
      }
    }
    tell(run, to, copied)
    if (failed.length > 0)
      throw new QuaysideError(
        `${failed.length} of ${ids.length} backups could not be copied: ${failed.map(({ id }) => id).join(', ')}`,
        { cause: failed[0]?.error },
      )
  } finally {
    to.close()
  }
}

/** The oldest first: what was cut off goes on in the order that it was in. */
async function complete({ store, plan }: Place): Promise<readonly string[]> {
  const found = await listBackups(store, plan.env)
  return found
    .filter((each) => each.complete)
    .map((each) => each.id)
    .reverse()
}

async function copyOne(
  run: Run,
  { store, plan, signal }: Place,
  {
    id,
    to,
    key,
  }: { readonly id: string; readonly to: Store; readonly key: Parameters<typeof copyBackup>[1]['key'] },
): Promise<Copied> {
  if (run.check) {
    const there = (await listBackups(to, plan.env)).some((each) => each.complete && each.id === id)
    run.emit({ type: 'step', text: there ? `${id} is there` : `would copy ${id}` })
    return { id, objects: 0, bytes: 0 }
  }
  const started = performance.now()
  const done = await copyBackup(id, { from: store, to, env: plan.env, key, signal })
  const text = done.objects === 0 ? `${id} is there` : `${id} copied: ${amount(done.bytes)}`
  run.emit({ type: 'step', text, ms: performance.now() - started })
  return done
}

function tell(run: Run, to: Store, copied: readonly Copied[]): void {
  run.emit({ type: 'result', of: 'backup-copy', data: { store: to.name, copied } })
  if (run.args.has('json') || run.check) return
  const fresh = copied.filter(({ objects }) => objects > 0)
  const bytes = fresh.reduce((sum, each) => sum + each.bytes, 0)
  run.print(
    `\n${copied.length} in ${to.name}, of which ${fresh.length} copied now: ${amount(bytes)}, each object as its manifest says`,
  )
}
