import { backupKeys } from '../../backup/keys.ts'
import { layout } from '../../backup/layout.ts'
import { objectsOf } from '../../backup/manifest.ts'
import { chooseBackup, readManifest } from '../../backup/manifest-file.ts'
import type { Place } from '../../backup/place.ts'
import { Damaged, verifyStored } from '../../backup/sealed.ts'
import { StoreError } from '../../backup/store/store.ts'
import { messageOf, QuaysideError } from '../../error.ts'
import { SecretError } from '../../secret/error.ts'
import type { Run } from '../playbook.ts'

/** `backup.ts verify [ID]`: reads every object of a backup again. Throws after all of them when one is not as it was put. */
export async function verify(run: Run, place: Place, wanted: string | undefined): Promise<void> {
  const { store, plan, signal, emit } = place
  const { env } = plan
  const id = await chooseBackup(store, env, wanted)
  const manifest = await readManifest(store, env, id, plan.settings.backup_signing_key)
  const keys = await backupKeys(env)
  const objects = objectsOf(manifest)
  const faults: { readonly key: string; readonly text: string }[] = []
  for (const object of objects) {
    const started = performance.now()
    try {
      await verifyStored(store, layout.backup(env, id), object, keys, signal)
      emit({ type: 'step', text: `${object.key} is whole`, ms: performance.now() - started })
    } catch (error) {
      signal.throwIfAborted()
      if (!isFault(error)) throw error
      faults.push({ key: object.key, text: messageOf(error) })
      emit({ type: 'step', text: messageOf(error), ms: performance.now() - started })
    }
  }
  const opened = keys !== undefined
  emit({ type: 'result', of: 'backup-verify', data: { id, objects: objects.length, opened, faults } })
  if (faults.length > 0)
    throw new QuaysideError(
      `backup ${id}: ${faults.length} of ${objects.length} objects cannot be restored: ${faults.map(({ key }) => key).join(', ')}`,
      { hint: 'take another backup now, and keep this one until the new one has passed a drill' },
    )
  const how = opened ? 'opened with the key in hand' : 'not opened: there is no key here'
  run.print(
    `\nbackup ${id}: ${objects.length} objects read again and whole, ${how}; the manifest's signature holds`,
  )
}

/** What is wrong with one object, and says nothing of the others: an unreachable store is no such thing. */
function isFault(error: unknown): boolean {
  if (error instanceof Damaged || error instanceof SecretError) return true
  return error instanceof StoreError && ['missing', 'cut'].includes(error.reason)
}
