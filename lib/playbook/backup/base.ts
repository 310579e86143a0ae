import { amount } from '../../backup/amount.ts'
import { takeBase } from '../../backup/base/take.ts'
import { backupRecipients } from '../../backup/keys.ts'
import { backupLock, type Place, signingKey } from '../../backup/place.ts'
import { sweepIncompleteBases } from '../../backup/sweep.ts'
import { forgetGaps } from '../../backup/wal/gaps.ts'
import { whoami, withLock } from '../../engine/lock.ts'
import type { Play } from '../../engine/play.ts'
import type { Run } from '../playbook.ts'
import { servedNow } from './served.ts'

/** `backup.ts base`: a physical base backup, which the archived log is played onto for a recovery to a point in time. */
export async function base(run: Run, place: Place, play: Play): Promise<void> {
  const { plan, store, dir, signal } = place
  const key = signingKey(plan) // before any host is touched
  const recipients = await backupRecipients(plan, dir)
  await run.play(play, { on: [plan.db] })
  if (run.check) {
    run.emit({ type: 'step', text: `would take a base backup to ${store.name}` })
    return
  }
  const server = await place.server()
  const by = whoami()
  const release = await servedNow(run)
  const incrementals = run.args.has('full') ? 0 : plan.settings.backup_base_incrementals
  const tell = (text: string) => run.emit({ type: 'note', host: plan.db.name, text })
  const taken = await withLock(place.fleet, [plan.db], backupLock('base backup'), () =>
    takeBase({ server, store, env: plan.env, recipients, key, by, release, incrementals, signal, tell }),
  )
  for (const each of await sweepIncompleteBases(place))
    run.emit({ type: 'note', text: `removed base backup ${each}, which was interrupted more than a day ago` })
  await forgetGaps(server.connection, new Date(taken.startedAt))
  const { id, endedAt, bytes, parent, object } = taken
  const of = parent === undefined ? {} : { parent }
  const data = { id, store: store.name, endedAt, bytes: object.size, ms: object.ms, ...of }
  run.emit({ type: 'result', of: 'base', data })
  if (run.args.has('json')) return
  run.print(
    `\nbase backup ${id} in ${store.name}${parent === undefined ? '' : `, incremental upon ${parent}`}`,
  )
  run.print(`  ${amount(bytes)} on disk, ${amount(object.size)} here, ${(object.ms / 1000).toFixed(1)} s`)
  run.print(`  recovery can go to any time after ${endedAt}, as far as the log is archived: backup.ts wal`)
}
