import { amount } from '../../backup/amount.ts'
import { lastDrill } from '../../backup/evidence.ts'
import { objectsOf } from '../../backup/manifest.ts'
import { type Found, listBackups, ManifestError, readManifest } from '../../backup/manifest-file.ts'
import type { Place } from '../../backup/place.ts'
import { pool } from '../../engine/pool.ts'
import type { Run } from '../playbook.ts'
import { age, columns } from './table.ts'

/** A backup in the data of the `result` event: result-backups in docs/schemas/events.schema.json. */
interface Listed {
  readonly id: string
  readonly at: string
  readonly complete: boolean
  readonly asOf?: string
  readonly bytes?: number
  readonly databases?: readonly string[]
  readonly release?: string
  readonly drill?: { readonly ok: boolean; readonly finishedAt: string }
  /** why its manifest cannot be trusted */
  readonly failure?: string
}

/** `backup.ts list`: every backup, the newest first, with what its last drill said. No host is asked. */
export async function list(run: Run, place: Place): Promise<void> {
  const found = await listBackups(place.store, place.plan.env)
  const backups = await pool(found, 8, (each) => listed(place, each))
  run.emit({ type: 'result', of: 'backups', data: { store: place.store.name, backups } })
  if (run.args.has('json')) return
  if (backups.length === 0) return run.print(`${place.store.name} has no backup of ${place.plan.env}`)
  for (const line of inLines(backups)) run.print(line)
}

async function listed({ store, plan }: Place, { id, complete, at }: Found): Promise<Listed> {
  const base = { id, at: at.toISOString(), complete }
  if (!complete) return base
  const drill = await lastDrill(store, plan.env, id, plan.settings.backup_signing_key)
  const proven = drill === undefined ? {} : { drill }
  try {
    const manifest = await readManifest(store, plan.env, id, plan.settings.backup_signing_key)
    const { postgres, release } = manifest
    return {
      ...base,
      asOf: postgres?.snapshotAt ?? manifest.takenAt,
      bytes: objectsOf(manifest).reduce((sum, { size }) => sum + size, 0),
      databases: postgres?.databases.map(({ name }) => name) ?? [],
      ...(release === undefined ? {} : { release: release.id }),
      ...proven,
    }
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    return { ...base, failure: error.message.replace(`backup ${id}: `, ''), ...proven }
  }
}

function inLines(backups: readonly Listed[]): readonly string[] {
  const head = ['backup', 'age', 'as of', 'size', 'databases', 'release', 'drill']
  const rows = backups.map((each) => {
    const { id, at, complete, asOf, bytes = 0, databases = [], release, drill, failure } = each
    if (!complete) return [id, age(at), 'incomplete: interrupted, or still under way']
    if (failure !== undefined) return [id, age(at), failure]
    const proof =
      drill === undefined ? 'none' : `${drill.ok ? 'passed' : 'FAILED'} ${age(drill.finishedAt)} ago`
    const when = (asOf ?? '').slice(0, 19)
    return [id, age(at), `${when}Z`, amount(bytes), databases.join(', '), release ?? '-', proof]
  })
  return ['', ...columns([head, ...rows])]
}
