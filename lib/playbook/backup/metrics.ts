import { heldBackups } from '../../backup/held.ts'
import { ManifestError, readManifest } from '../../backup/manifest-file.ts'
import { backupMetrics, type DrillFigures, drillMetrics } from '../../backup/metrics.ts'
import type { Place } from '../../backup/place.ts'
import { metricsPath, writeMetrics } from '../../metrics/file.ts'
import type { Run } from '../playbook.ts'

/** Writes what there is of backups as metrics, where somebody asks for them. */
export async function tellBackups(run: Run, place: Place): Promise<void> {
  const path = metricsPath(run.args.text('metrics'), run.env, 'backup')
  if (path === undefined) return
  await writeMetrics(path, await backupsNow(place))
}

/** Writes how a drill went, and what there is of backups now that it is proven. */
export async function tellDrill(run: Run, place: Place, drill: DrillFigures): Promise<void> {
  const path = metricsPath(run.args.text('metrics'), run.env, 'drill')
  if (path === undefined) return
  await writeMetrics(path, drillMetrics(run.env, drill))
  const beside = metricsPath(undefined, run.env, 'backup')
  if (beside !== undefined) await writeMetrics(beside, await backupsNow(place))
}

async function backupsNow({ store, plan }: Place) {
  const { env, settings } = plan
  const key = settings.backup_signing_key
  const held = await heldBackups(store, env, { key, now: new Date() })
  const newest = held
    .filter((each) => each.complete)
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .at(0)
  const manifest =
    newest === undefined
      ? undefined
      : await readManifest(store, env, newest.id, key).catch((error: unknown) => {
          if (error instanceof ManifestError) return undefined
          throw error
        })
  return backupMetrics(env, held, manifest)
}
