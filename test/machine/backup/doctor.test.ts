import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Encrypter } from 'age-encryption'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { examine } from '../../../lib/backup/doctor.ts'
import { layout, newId } from '../../../lib/backup/layout.ts'
import type { Place } from '../../../lib/backup/place.ts'
import type { Connection } from '../../../lib/connection/index.ts'
import { openLocal } from '../../../lib/connection/local.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import { memoryStore } from '../../memory-store.ts'
import { targetLike } from '../../target.ts'
import { idOf, key, put, stranger } from '../../unit/backup/stored-backup.ts'

let dir: string
let mine: Awaited<ReturnType<typeof newKey>>
let connection: Connection | undefined

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quayside-doctor-'))
  mine = await newKey()
  vi.stubEnv('XDG_STATE_HOME', dir)
  vi.stubEnv('XDG_CONFIG_HOME', dir)
  vi.stubEnv('QUAYSIDE_AGE_KEY', mine.identity)
})

afterEach(async () => {
  await connection?.close()
  connection = undefined
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

async function sealedTo(recipient: string): Promise<Buffer> {
  const age = new Encrypter()
  age.addRecipient(recipient)
  return Buffer.from(await age.encrypt('the uploads'))
}

/** Says what doctor finds not to be well, with one backup that may be altered. */
async function faults(
  given: {
    readonly id?: string
    readonly sealed?: string
    readonly signing?: typeof key
    readonly alter?: (objects: Map<string, Buffer>, id: string) => void
  } = {},
): Promise<readonly string[]> {
  const { id = newId(), sealed = mine.recipient, signing = key, alter } = given
  const store = memoryStore()
  await put(store, id, { uploads: await sealedTo(sealed) })
  alter?.(store.objects, id)
  const host = { name: 'app-1', groups: ['all'], vars: {} }
  connection = await openLocal(targetLike())
  const open = connection
  const place = {
    plan: {
      env: 'lab',
      db: { ...host, name: 'db-1' },
      settings: { backup_signing_key: signing, backup_recipients: [mine.recipient] },
      databases: [],
      volumes: [{ host, kind: 'path', name: '/srv' }],
    },
    store,
    dir,
    emit: () => {},
    signal: new AbortController().signal,
    connection: async () => open,
  } as unknown as Place
  const found = await examine(place)
  for (const each of found) if (!each.ok) expect(each.hint ?? '', each.text).not.toBe('')
  return found
    .filter((each) => !each.ok && !each.text.includes('pg_dump'))
    .map(({ on, text }) => `${on}: ${text}`)
}

test('all is well', async () => {
  expect(await faults()).toEqual([])
})

test('a key that is not the one that backups are encrypted to is told before it is needed', async () => {
  const other = await newKey()
  vi.stubEnv('QUAYSIDE_AGE_KEY', other.identity)
  expect(await faults()).toEqual([
    'recipients: the key from QUAYSIDE_AGE_KEY is none of them',
    expect.stringMatching(/^newest backup: your key \S+ from QUAYSIDE_AGE_KEY does not open /),
  ])
})

test('a lost key', async () => {
  vi.stubEnv('QUAYSIDE_AGE_KEY', '')
  expect(await faults()).toEqual([
    'recipients: there is no private key here: nothing could be restored from this machine',
    'newest backup: nothing here opens it',
  ])
})

test('a backup from before the key was changed', async () => {
  const { recipient } = await newKey()
  expect(await faults({ sealed: recipient })).toEqual([
    expect.stringMatching(/^newest backup: your key \S+ from QUAYSIDE_AGE_KEY does not open /),
  ])
})

test.each<[string, Parameters<typeof faults>[0], RegExp]>([
  ['that is old', { id: idOf('2026-01-01') }, /is the newest, and \d+\.\d hours old$/],
  ['that another key signed', { signing: stranger }, /signed with another key/],
  [
    'of a newer form',
    {
      alter: (objects, id) => {
        const path = layout.manifest('lab', id)
        const text = String(objects.get(path)).replace(/"version": 1/, '"version": 3')
        objects.set(path, Buffer.from(text))
      },
    },
    /its manifest has version 3 of the form, and this Quayside knows up to 2/,
  ],
  [
    'with an object that was cut short',
    {
      alter: (objects, id) => {
        const path = `${layout.backup('lab', id)}volumes/uploads.zst.age`
        objects.set(path, objects.get(path)?.subarray(1) ?? Buffer.alloc(0))
      },
    },
    /is damaged: it has \d+ bytes where \d+ were put/,
  ],
  [
    'with an object that is gone',
    { alter: (objects, id) => void objects.delete(`${layout.backup('lab', id)}volumes/uploads.zst.age`) },
    /volumes\/uploads\.zst\.age is not in memory/,
  ],
])('the newest backup, %s', async (_, given, said) => {
  expect(await faults(given)).toEqual([expect.stringMatching(said)])
})

test.each(['2 hours', '-3 minutes'])('a host whose clock is %s off', async (by) => {
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'date'), `#!/bin/sh\nexec /bin/date -d '${by}' "$@"\n`)
  chmodSync(join(bin, 'date'), 0o755)
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  const found = await faults()
  const [, seconds] =
    /^app-1: its clock is (\d+) s (?:ahead of|behind) this machine's$/.exec(found.at(-1) ?? '') ?? []
  expect(found).toHaveLength(2) // db-1 is this machine, too
  expect(Math.abs(Number(seconds) - (by === '2 hours' ? 7200 : 180))).toBeLessThan(30)
})
