import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { listBases } from '../../../lib/backup/base/base.ts'
import { listBackups } from '../../../lib/backup/manifest-file.ts'
import { storeOf } from '../../../lib/backup/store/index.ts'
import { idOf, key, put, putDrill } from '../../unit/backup/stored-backup.ts'
import { putBase, putLog } from '../../unit/backup/stored-base.ts'
import { onHost } from '../lab-host.ts'
import { inLab } from '../playbook.ts'

const dir = mkdtempSync(join(tmpdir(), 'quayside-prune-'))
afterAll(() => rmSync(dir, { recursive: true }))

const vars = JSON.stringify({
  backup_store: { directory: join(dir, 'store') },
  backup_signing_key: { from_env: 'BACKUP_SIGNING_KEY' },
  backup_keep: { last: 1, base: 1 },
})
const prune = (...words: string[]) =>
  inLab('backup', ['prune', ...words, '--extra-vars', vars], { env: { BACKUP_SIGNING_KEY: key.reveal() } })

test('with --yes what nothing keeps is removed, under the lock that a backup takes, and measured', async () => {
  const store = await storeOf({ directory: join(dir, 'store') }, { dir })
  const ids = ['2026-11-22', '2026-11-23', '2026-11-24', '2026-11-25'].map((day) => idOf(day))
  for (const id of ids) await put(store, id, { uploads: `the uploads of ${id}` })
  await putDrill(store, ids[1] ?? '', '20261125T030000Z-aaaaaa', { ok: true })
  const [oldest = '', , , newest = ''] = ids
  await putBase(store, oldest, 2)
  await putBase(store, newest, 6)
  await putLog(store, [1, 2, 3, 4, 5, 6, 7])
  const metrics = join(dir, 'backup.prom')

  await onHost(
    'db-1',
    'mkdir -p /var/lib/quayside/backup; setsid flock /var/lib/quayside/backup/lock sleep 300 >/dev/null 2>&1 & echo $! >/run/quayside-prune-test; sleep 0.5',
  )
  const locked = await prune('--yes')
  await onHost('db-1', 'pkill -g "$(cat /run/quayside-prune-test)"; rm -f /run/quayside-prune-test')
  expect(locked.output).toContain('db-1: locked')
  expect(locked.code).toBe(1)
  expect(await listBackups(store, 'lab')).toHaveLength(4)

  const { code, output } = await prune('--yes', '--metrics', metrics)
  expect(code, output).toBe(0)
  expect(output).toContain(
    `2 backups, 1 base backup and 5 files of the log removed from ${join(dir, 'store')}`,
  )
  expect(await listBases(store, 'lab')).toEqual([newest])
  expect((await listBackups(store, 'lab')).map(({ id }) => id)).toEqual([ids[3], ids[1]])
  const text = readFileSync(metrics, 'utf8')
  expect(text).toContain('quayside_backups{env="lab"} 2\n')
  expect(text).toContain(
    `quayside_backup_verified_timestamp_seconds{env="lab"} ${Date.parse('2026-11-25T03:00:00Z') / 1000}\n`,
  )

  expect((await prune()).output).toContain('nothing is to be removed')
})
