import { amount } from '../../backup/amount.ts'
import { dumpsOf, type Manifest, objectsOf } from '../../backup/manifest.ts'
import { type Place, signingKey } from '../../backup/place.ts'
import { hostsOf, takeBackup } from '../../backup/take.ts'
import type { Play } from '../../engine/play.ts'
import type { Run } from '../playbook.ts'
import { servedNow } from './served.ts'

/** `backup.ts take`: what the hosts need is put there, then a backup is taken and told. */
export async function take(run: Run, place: Place, play: Play): Promise<void> {
  signingKey(place.plan) // before any host is touched
  const started = performance.now()
  await run.play(play, { on: hostsOf(place) })
  if (run.check) {
    run.emit({ type: 'step', text: `would take a backup to ${place.store.name}` })
    return
  }
  const manifest = await takeBackup(place, {
    resume: run.args.has('resume'),
    served: () => servedNow(run),
  })
  const ms = Math.round(performance.now() - started)
  const data = { ...summaryOf(manifest), store: place.store.name, ms }
  run.emit({ type: 'result', of: 'backup', data })
  if (!run.args.has('json')) for (const line of inLines(manifest, place.store.name, ms)) run.print(line)
}

/** What stands in the data of the `result` event of a backup: result-backup in docs/schemas/events.schema.json. */
function summaryOf(manifest: Manifest) {
  const objects = objectsOf(manifest)
  return {
    id: manifest.id,
    takenAt: manifest.takenAt,
    bytes: objects.reduce((sum, { size }) => sum + size, 0),
    objects: objects.length,
    databases: manifest.postgres?.databases.map(({ name }) => name) ?? [],
  }
}

function inLines(manifest: Manifest, store: string, ms: number): readonly string[] {
  const { id, bytes, objects } = summaryOf(manifest)
  const { postgres, redis, volumes, release } = manifest
  const databases = postgres?.databases ?? []
  return [
    `\nbackup ${id} in ${store}`,
    `  ${amount(bytes)} in ${objects} objects, ${(ms / 1000).toFixed(1)} s`,
    ...databases.map((each) => {
      const { name, bytes: whole, tables } = each
      const rows = tables.reduce((sum, table) => sum + table.rows, 0)
      const dumps = dumpsOf(each)
      const here = amount(dumps.reduce((sum, { size }) => sum + size, 0))
      const several = dumps.length === 1 ? '' : `, in ${dumps.length} dumps`
      return `  database ${name}: ${tables.length} tables, ${rows} rows, ${amount(whole)} on disk, ${here} here${several}`
    }),
    ...(redis === undefined ? [] : [`  Redis: ${redis.keys} keys, ${amount(redis.object.size)}`]),
    ...volumes.map(({ host, kind, name, object }) => `  ${kind} ${name} of ${host}: ${amount(object.size)}`),
    ...(release === undefined ? [] : [`  release ${release.id}`]),
  ]
}
