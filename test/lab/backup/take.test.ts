import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layout } from '../../../lib/backup/layout.ts'
import { listBackups } from '../../../lib/backup/manifest-file.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { storeKeys, storeUrl } from '../../../lib/lab/object-store.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { stateDir } from '../../../lib/state.ts'
import { onHost } from '../lab-host.ts'
import { inLab, type Outcome } from '../playbook.ts'

let store: Store
let earlier: ReadonlySet<string>
let id = ''

beforeAll(async () => {
  const { access, secret } = await storeKeys()
  const keys = { access_key: new Secret(access), secret_key: new Secret(secret) }
  const s3 = {
    bucket: 'quayside',
    endpoint: storeUrl,
    path_style: true,
    region: 'us-east-1',
    prefix: '',
    ...keys,
  }
  store = await storeOf({ s3 }, { dir: '.' })
  earlier = new Set((await listBackups(store, 'lab')).map((each) => each.id))
})

afterAll(async () => {
  for (const made of await begun()) await remove(made)
  store.close()
})

/** Backups that this file has begun. */
const begun = async () =>
  (await listBackups(store, 'lab')).map((each) => each.id).filter((each) => !earlier.has(each))

async function remove(backup: string): Promise<void> {
  const keys: string[] = []
  for await (const { key } of store.list(layout.backup('lab', backup))) keys.push(key)
  await store.remove(keys)
}

/** Every secret that the lab was made with, age's private key among them. */
function secrets(): readonly string[] {
  const folder = join(stateDir('lab'), 'secrets')
  const all = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').trim())
  const key = readFileSync(join(stateDir('lab'), 'age.txt'), 'utf8')
  return [...all, ...key.split('\n').filter((line) => line.startsWith('AGE-'))].filter(
    (each) => each.length >= 8,
  )
}

/** What is running on db-1 for a backup. */
const atWork = () =>
  onHost(
    'db-1',
    `for each in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$each" 2>/dev/null && echo; done | grep -E '^(age|zstd|tar|pg_dump) ' || :`,
  )

/** What a run might leave behind; the lock's folder stays, and Docker's own files come and go. */
const look = "ls -A /tmp /var/tmp /root /var/lib/quayside | grep -vxE 'backup|runc-process[0-9]+'"
const sampled = '/root/argv-of-take'

test('a backup is taken once at a time, and no secret shows', async () => {
  const before = await onHost('db-1', look)
  const sampling = onHost(
    'db-1',
    `umask 077; end=$(($(date +%s) + 20)); : >${sampled}.on
     while [ -f ${sampled}.on ] && [ "$(date +%s)" -lt $end ]; do
       for each in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$each" 2>/dev/null && echo; done >>${sampled}.all
       sleep 0.1
     done
     sort -u ${sampled}.all; rm -f ${sampled}.all ${sampled}.on`,
  )
  let second: Promise<Outcome> | undefined
  const first = await inLab('backup', ['take'], {
    onOutput: (text) => {
      if (text.includes('takes backup')) second ??= inLab('backup', ['take'])
    },
  })
  await onHost('db-1', `rm -f ${sampled}.on`)
  const argv = await sampling
  const refused = await second
  expect(first.code, first.output).toBe(0)
  expect(first.output).toMatch(/database app: \d+ tables, \d+ rows/)
  id = /takes backup (\S+) to s3:/.exec(first.output)?.[1] ?? ''
  expect(await begun()).toEqual([id])
  // Where the first one was done already, there was nobody to wait for.
  if (refused?.code !== 0) expect(refused?.stderr).toMatch(/db-1: locked: \S+@\S+ runs backup since 20/)

  const known = secrets()
  expect(known.length).toBeGreaterThan(4)
  expect(argv).toContain('sshd')
  for (const text of [first.output, argv]) for (const each of known) expect(text.includes(each)).toBe(false)
  expect(await onHost('db-1', look)).toBe(before)
  expect(await atWork()).toBe('')
})

test('what was taken is listed, shown, verified and found well', async () => {
  const listed = await inLab('backup', ['list'])
  expect(listed.output).toMatch(new RegExp(`${id} .* app `))
  const shown = await inLab('backup', ['show', id])
  expect(shown.code, shown.output).toBe(0)
  for (const word of [
    'vector 0.8',
    'redis.rdb.zst.age',
    'signature   holds',
    'registry.lab:5000/agentlab/api@sha256:',
  ])
    expect(shown.output).toContain(word)
  const verified = await inLab('backup', ['verify', id])
  expect(verified.code, verified.output).toBe(0)
  const doctor = await inLab('backup', ['doctor'])
  expect(doctor.code, doctor.output).toBe(0)
  expect(doctor.output).toMatch(/ok +newest backup +the key from \S+ opens it/)
})

test('killed in the dump: it is no backup, nothing goes on, and --resume finishes it', async () => {
  const killed = await inLab('backup', ['take'], { signal: { name: 'SIGKILL', after: 'roles and grants: ' } })
  expect(killed.code).toBe(137)
  const half = /takes backup (\S+) to/.exec(killed.output)?.[1] ?? ''
  expect((await listBackups(store, 'lab')).find((each) => each.id === half)?.complete).toBe(false)
  expect((await inLab('backup', ['list'])).output).toMatch(new RegExp(`${half} .*incomplete`))
  const resumed = await inLab('backup', ['take', '--resume'])
  expect(resumed.code, resumed.output).toBe(0)
  expect(resumed.output).toContain(`goes on with ${half}`)
  expect(resumed.output).toContain('redis is there already')
  const verified = await inLab('backup', ['verify', half])
  expect(verified.code, verified.output).toBe(0)
  expect(await atWork()).toBe('')
  await remove(half)
})

const wrong = (s3: object) =>
  JSON.stringify({
    backup_store: {
      s3: {
        bucket: 'quayside',
        endpoint: storeUrl,
        path_style: true,
        access_key: { generate: 'backup_access_key' },
        secret_key: { generate: 'backup_secret_key' },
        ...s3,
      },
    },
  })

test.each([
  [
    'the secret key is wrong',
    { secret_key: { generate: 'redis_password' } },
    /SignatureDoesNotMatch|secret key/i,
  ],
  ['the bucket is not there', { bucket: 'nobody-made-this' }, /nobody-made-this/],
  ['nobody answers', { endpoint: 'http://127.0.0.1:9' }, /127\.0\.0\.1:9/],
])('%s: told before anything is dumped', async (_, s3, words) => {
  const before = await begun()
  const { code, stderr, output } = await inLab('backup', ['take', '--extra-vars', wrong(s3)])
  expect(code, output).toBe(1)
  expect(stderr).toMatch(words)
  expect(stderr).toContain('hint:')
  expect(output).not.toContain('takes backup')
  for (const each of secrets()) expect(output.includes(each)).toBe(false)
  expect(await begun()).toEqual(before)
})

test('a flipped byte is found, and named', async () => {
  const key = `${layout.backup('lab', id)}postgres/app.dump.zst.age`
  const chunks: Buffer[] = []
  for await (const chunk of await store.get(key)) chunks.push(Buffer.from(chunk))
  const bytes = Buffer.concat(chunks)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  await store.put(key, Readable.from([bytes]))
  const { code, stderr } = await inLab('backup', ['verify', id])
  expect(code).toBe(1)
  expect(stderr).toContain('objects cannot be restored: postgres/app.dump.zst.age')
})
