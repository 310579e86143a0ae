import { backupKeys } from '../../backup/keys.ts'
import type { Place } from '../../backup/place.ts'
import { readArchiver, readSpans, walLines } from '../../backup/wal/status.ts'
import { QuaysideError } from '../../error.ts'
import { howToSet } from '../../secret/age/key.ts'
import type { Run } from '../playbook.ts'

/** `backup.ts wal`: what the archiver of the log says, and from when to when each base backup can be recovered. */
export async function wal(run: Run, { plan, store, connection }: Place): Promise<void> {
  const keys = (await backupKeys(plan.env)) ?? noKeys
  const archiver = await readArchiver(await connection(plan.db))
  const spans = await readSpans(store, plan.env, keys, plan.settings.backup_signing_key)
  run.emit({ type: 'result', of: 'wal', data: { store: store.name, archiver, spans } })
  if (run.args.has('json')) return
  for (const line of ['', ...walLines({ archiver, spans }, new Date())]) run.print(line)
}

/** Needed where a server has changed its timeline alone. */
const noKeys = {
  origin: 'nowhere',
  get identities(): never {
    throw new QuaysideError("a timeline's history is encrypted, and there is no key to read it with", {
      hint: howToSet(),
    })
  },
}
