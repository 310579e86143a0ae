import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { layout } from '../../../lib/backup/layout.ts'
import { storeOf } from '../../../lib/backup/store/index.ts'
import { root } from '../../argv.ts'
import { playbook } from '../../lab/playbook.ts'
import { idOf, key, put } from '../../unit/backup/stored-backup.ts'
import { putBase, putLog } from '../../unit/backup/stored-base.ts'

// Each run of a playbook is a process of its own: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 240_000 })

const env = 'try'
const ids = ['2026-11-23', '2026-11-24', '2026-11-25'].map((day) => idOf(day))
const [oldest = '', middle = '', newest = ''] = ids
let dir = ''

/** An inventory whose one host nobody asks, and a store with three backups, and two base backups with their log. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quayside-prune-'))
  mkdirSync(join(dir, 'group_vars'))
  writeFileSync(join(dir, 'hosts.yaml'), 'db:\n  hosts:\n    nobody: { host: 192.0.2.1 }\n')
  writeFileSync(
    join(dir, 'group_vars/all.yaml'),
    [
      'postgres_superuser_password: { from_env: BACKUP_SIGNING_KEY }',
      'postgres_password: { from_env: BACKUP_SIGNING_KEY }',
      'redis_password: { from_env: BACKUP_SIGNING_KEY }',
      'backup_signing_key: { from_env: BACKUP_SIGNING_KEY }',
      'backup_store: { directory: ./store }',
      'backup_copy_store: { directory: ./copies }',
      'backup_keep: { last: 1, base: 1 }',
      '',
    ].join('\n'),
  )
  const store = await storeOf({ directory: './store' }, { dir })
  for (const id of ids) await put(store, id, { uploads: `the uploads of ${id}` }, env)
  await putBase(store, middle, 4, { env })
  await putBase(store, newest, 6, { env })
  await putLog(store, [3, 4, 5, 6, 7], { env })
})
afterAll(() => rmSync(dir, { recursive: true }))

const run = (...words: string[]) =>
  playbook('backup', [...words, '--env', env, '--inventory', dir], {
    env: { BACKUP_SIGNING_KEY: key.reveal(), XDG_STATE_HOME: join(dir, 'state') },
  })
const files = (folder: string) =>
  readdirSync(join(dir, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /backups.*\.age$/.test(name),
  )

test('prune shows what stays, why, and what would go; unattended it removes nothing', async () => {
  const { code, output } = await run('prune')
  expect(output.replaceAll(/\d+(\.\d)? (bytes|kB)/g, 'SIZE').replaceAll(/ {2,}/g, '  ')).toContain(
    [
      '  backup  size  why',
      `keep  ${newest}  SIZE  newest, last 1`,
      `remove  ${middle}  SIZE  nothing keeps it`,
      `remove  ${oldest}  SIZE  nothing keeps it`,
      '',
      '  base backup  size  why',
      `keep  ${newest}  SIZE  newest, base 1`,
      `remove  ${middle}  SIZE  nothing keeps it`,
      'remove  3 files of the log, SIZE: from before them',
      '',
      'nothing was removed: with --yes 2 backups, 1 base backup and 3 files of the log would be',
    ].join('\n'),
  )
  expect(code).toBe(0)
  expect(files('store')).toHaveLength(3)
})

test('with --json it is data, and --check with --yes removes nothing either', async () => {
  const { stdout } = await run('prune', '--yes', '--check', '--json')
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((event) => event.type === 'result')
  expect(results).toMatchObject([
    {
      of: 'backup-prune',
      data: {
        backups: [
          { id: newest, keep: true },
          { id: middle, keep: false },
          { id: oldest, keep: false },
        ],
        bases: [
          { id: newest, keep: true },
          { id: middle, keep: false },
        ],
        log: { files: 3, bytes: 9 },
      },
    },
  ])
  const ajv = new Ajv2020()
  ajv.addSchema(JSON.parse(readFileSync(`${root}docs/schemas/events.schema.json`, 'utf8')))
  const described = ajv.compile({ $ref: 'urn:quayside:events:1#/$defs/result-backup-prune' })
  described(results[0]?.data)
  expect(described.errors).toBeNull()
  expect(files('store')).toHaveLength(3)
})

test('copy brings the newest over, then all of them, and then none', async () => {
  const first = await run('copy')
  expect(first.code, first.output).toBe(0)
  expect(first.output).toContain('1 in')
  expect(files('copies')).toEqual([`${env}/backups/${newest}/volumes/uploads.zst.age`])
  expect((await run('copy', '--all')).output).toMatch(/3 in \S+, of which 2 copied now/)
  expect(files('copies').sort()).toEqual(files('store').sort())
  for (const id of ids) {
    const path = layout.manifest(env, id)
    expect(readFileSync(join(dir, 'copies', path))).toEqual(readFileSync(join(dir, 'store', path)))
  }
  expect((await run('copy', '--all')).output).toMatch(/3 in \S+, of which 0 copied now/)
})

test('one damaged backup is named, and does not keep the others', async () => {
  rmSync(join(dir, 'copies'), { recursive: true })
  const path = join(dir, 'store', layout.backup(env, middle), 'volumes/uploads.zst.age')
  const whole = readFileSync(path)
  writeFileSync(path, whole.subarray(1))
  const { code, output } = await run('copy', '--all')
  writeFileSync(path, whole)
  expect(code).toBe(1)
  expect(output).toContain(`backup ${middle} is damaged: volumes/uploads.zst.age`)
  expect(output).toContain(`1 of 3 backups could not be copied: ${middle}`)
  expect(files('copies')).toHaveLength(2)
})

test.each([
  [['copy', '--yes'], '--yes goes with prune'],
  [['copy', '-x', 'backup_copy_store={"directory":"./store"}'], 'backup_copy_store is backup_store'],
  [['prune', '-x', 'backup_keep={"last":0}'], 'backup_keep keeps nothing'],
])('%o: %s', async (words, says) => {
  const { code, output } = await run(...words)
  expect(output).toContain(says)
  expect(code).toBe(2)
})
