import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { blocks, fromLibrary } from '../../../lib/backup/age-stream.ts'
import { backupKeys, backupRecipients } from '../../../lib/backup/keys.ts'
import type { ObjectEntry } from '../../../lib/backup/manifest.ts'
import type { BackupPlan } from '../../../lib/backup/plan.ts'
import { Damaged, openSealed, putSealed, sealing, verifyStored } from '../../../lib/backup/sealed.ts'
import { DirectoryStore } from '../../../lib/backup/store/directory.ts'
import { piped } from '../../../lib/script/pipe.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import type { Keys } from '../../../lib/secret/age/key.ts'
import { Secret } from '../../../lib/secret/index.ts'

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const ready = has('age') && has('zstd')
const folder = mkdtempSync(join(tmpdir(), 'quayside-sealed-'))
const store = new DirectoryStore(join(folder, 'store'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let recipient: string
let keys: Keys
beforeAll(async () => {
  const made = await newKey()
  recipient = made.recipient
  keys = { origin: 'a test', identities: [new Secret(made.identity)] }
})

/** The commands that run on a host, run here. */
function sealed(recipients: readonly string[]) {
  const child = spawn('sh', ['-c', piped(...sealing(recipients)).reveal()], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return child
}

async function putBytes(bytes: Buffer, to: readonly string[] = [recipient]): Promise<ObjectEntry> {
  const child = sealed(to)
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)))
  child.stdin.end(bytes)
  const entry = await putSealed(store, 'lab/', 'part.zst.age', child.stdout)
  expect(await ended).toBe(0)
  return entry
}

const unzipped = (bytes: Buffer) => {
  const { status, stdout } = spawnSync('zstd', ['-dqc'], { input: bytes, maxBuffer: 1 << 28 })
  expect(status).toBe(0)
  return stdout
}
const path = () => join(folder, 'store', 'lab', 'part.zst.age')
const errorOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (error: unknown) => error,
  )
const open = async (entry: ObjectEntry, by: Keys = keys) => buffer(await openSealed(store, 'lab/', entry, by))

// Blocks of age have 65,536 bytes: sizes about that of what is encrypted are where an end can be missed.
test.runIf(ready).each([0, 1, 65_000, 65_523, 65_536, 131_072, 5_000_000])(
  '%d bytes sealed by a host are opened here',
  async (size) => {
    const bytes = randomBytes(size)
    const entry = await putBytes(bytes)
    expect(entry).toMatchObject({ key: 'part.zst.age', size: expect.any(Number) })
    expect(unzipped(await open(entry)).equals(bytes)).toBe(true)
    await verifyStored(store, 'lab/', entry)
    await verifyStored(store, 'lab/', entry, keys)
  },
)

test.runIf(ready)('several keys: each opens it, another one does not and is told so at once', async () => {
  const [second, stranger] = await Promise.all([newKey(), newKey()])
  const bytes = randomBytes(200_000)
  const entry = await putBytes(bytes, [recipient, second.recipient])
  const both = [keys, { origin: 'second', identities: [new Secret(second.identity)] }]
  for (const each of both) expect(unzipped(await open(entry, each)).equals(bytes)).toBe(true)
  const wrong = { origin: '/home/anna/age.txt', identities: [new Secret(stranger.identity)] }
  const error = await errorOf(openSealed(store, 'lab/', entry, wrong))
  expect(String(error)).toMatch(
    /your key age1.* from \/home\/anna\/age\.txt does not open lab\/part\.zst\.age/,
  )
  expect(String(error)).not.toMatch(/AGE-SECRET/)
})

test.runIf(ready).each([
  ['shorter', (bytes: Buffer) => bytes.subarray(0, -1_000), 'size'],
  ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(5)]), 'size'],
  ['a bit in its content', (bytes: Buffer) => flipped(bytes, bytes.length >> 1), 'age'],
  ['a bit in its last byte', (bytes: Buffer) => flipped(bytes, bytes.length - 1), 'sha256'],
  ['a bit in its header', (bytes: Buffer) => flipped(bytes, 3), 'age'],
  ['two blocks of it swapped', (bytes: Buffer) => swapped(bytes), 'age'],
  ['something else', (bytes: Buffer) => randomBytes(bytes.length), 'sha256'],
] as const)('an object that is damaged: %s', async (_, damage, by) => {
  const entry = await putBytes(randomBytes(400_000))
  const bytes = await buffer(await store.get('lab/part.zst.age'))
  writeFileSync(path(), damage(bytes))
  const error = await errorOf(verifyStored(store, 'lab/', entry, keys))
  expect(error).toBeInstanceOf(Damaged)
  // Both are true of what age finds: which is told depends on how far the object was read by then.
  expect(error).toMatchObject({ key: 'lab/part.zst.age' })
  expect((error as Damaged).by).toMatch(by === 'age' ? /^(age|sha256)$/ : by)
  const without = await errorOf(verifyStored(store, 'lab/', entry))
  expect(without).toMatchObject({ by: by === 'size' ? 'size' : 'sha256' })
})

const flipped = (bytes: Buffer, at: number) => {
  const other = Buffer.from(bytes)
  other[at] = (other[at] ?? 0) ^ 1
  return other
}
const swapped = (bytes: Buffer) => {
  const block = 65_552
  const start = bytes.length - 2 * block - 100
  const parts = [
    [0, start],
    [start + block, start + 2 * block],
    [start, start + block],
    [start + 2 * block, bytes.length],
  ]
  return Buffer.concat(parts.map(([from, to]) => bytes.subarray(from, to)))
}

test.runIf(ready)('another object of the same size and keys is not taken for it', async () => {
  const other = await putBytes(Buffer.alloc(100_000, 1))
  const entry = await putBytes(Buffer.alloc(100_000, 2))
  expect(entry.size).toBe(other.size)
  const error = await errorOf(open({ ...entry, sha256: other.sha256 }))
  expect(error).toMatchObject({ by: 'sha256' })
})

test.runIf(ready)('an object that is gone, or is cut while it is read', async () => {
  const entry = await putBytes(randomBytes(9_000_000))
  const stream = await openSealed(store, 'lab/', entry, keys)
  truncateSync(path(), 2_000_000)
  expect(await errorOf(buffer(stream))).toMatchObject({ reason: 'cut' })
  await store.remove(['lab/part.zst.age'])
  expect(await errorOf(open(entry))).toMatchObject({ reason: 'missing' })
})

test.runIf(ready)('the library opens the same where the runtime knows no such cipher', async () => {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const each of keys.identities) decrypter.addIdentity(each.reveal())
  const bytes = randomBytes(300_000)
  await putBytes(bytes)
  const stored = await buffer(await store.get('lab/part.zst.age'))
  const by = (content: Buffer) =>
    buffer(Readable.from(fromLibrary(decrypter, Readable.from([content]), (text) => new Error(text))))
  expect(unzipped(await by(stored)).equals(bytes)).toBe(true)
  await expect(by(flipped(stored, stored.length >> 1))).rejects.toThrow('age cannot open it')
  // An empty payload is no payload: a file that ends behind its header is damaged.
  const none = blocks(Readable.from([Buffer.alloc(16)]), new Uint8Array(16), (text) => new Error(text))
  await expect(none.next()).rejects.toThrow('it ends before its content does')
})

test.runIf(ready)('what is large is sealed, put, opened and verified in little memory', async () => {
  const child = sealed([recipient])
  const chunk = randomBytes(1 << 20)
  const hash = createHash('sha256')
  const source = Readable.from(
    (async function* () {
      for (let left = 200; left > 0; left -= 1) {
        hash.update(chunk)
        yield chunk
      }
    })(),
    { objectMode: false },
  )
  source.pipe(child.stdin)
  const before = process.memoryUsage().rss
  let most = before
  const entry = await putSealed(store, 'lab/', 'part.zst.age', child.stdout)
  for await (const _ of await openSealed(store, 'lab/', entry, keys))
    most = Math.max(most, process.memoryUsage().rss)
  console.log(`200 MiB sealed and opened: ${Math.round((most - before) / (1 << 20))} MiB more memory at most`)
  expect(most - before).toBeLessThan(100 << 20)
})

const plan = (over: object = {}) => ({ env: 'here', settings: over }) as unknown as BackupPlan

beforeEach(() => {
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'))
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'config'))
  for (const name of ['QUAYSIDE_AGE_KEY', 'QUAYSIDE_AGE_KEY_COMMAND', 'QUAYSIDE_AGE_KEY_FILE'])
    vi.stubEnv(name, '')
})

test('who opens backups: the person’s keys, and the one in the state folder', async () => {
  expect(await backupKeys('here')).toBeUndefined()
  expect(await errorOf(backupRecipients(plan(), folder))).toMatchObject({ exitCode: 2 })
  const own = await newKey()
  const file = join(folder, 'state', 'quayside', 'here', 'age.txt')
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, `${own.identity}\n`, { mode: 0o600 })
  expect((await backupKeys('here'))?.identities.map((each) => each.reveal())).toEqual([own.identity])
  expect(await backupRecipients(plan(), folder)).toEqual([own.recipient])
  const person = await newKey()
  vi.stubEnv('QUAYSIDE_AGE_KEY', person.identity)
  const found = await backupKeys('here')
  expect(found?.identities.map((each) => each.reveal())).toEqual([person.identity, own.identity])
  writeFileSync(join(folder, 'recipients.txt'), `${person.recipient} # anna\n`)
  expect(await backupRecipients(plan(), folder)).toEqual([person.recipient])
  expect(await backupRecipients(plan({ backup_recipients: [recipient] }), folder)).toEqual([recipient])
  chmodSync(file, 0o644)
  expect(String(await errorOf(backupKeys('here')))).toMatch(/others can read the key file/)
})

test.each([
  [[], /is empty/],
  [['age1tag1abc'], /no key that the age command of every host takes/],
  [[`age1${'q'.repeat(58)}`], /typing error/],
])('recipients that cannot be used: %j', async (given, text) => {
  const error = await errorOf(backupRecipients(plan({ backup_recipients: given }), folder))
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(text) })
})
