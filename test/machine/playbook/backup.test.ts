import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Encrypter } from 'age-encryption'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layout } from '../../../lib/backup/layout.ts'
import type { Manifest } from '../../../lib/backup/manifest.ts'
import { writeManifest } from '../../../lib/backup/manifest-file.ts'
import { putSealed } from '../../../lib/backup/sealed.ts'
import { signed } from '../../../lib/backup/signature.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import { Secret } from '../../../lib/secret/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'quayside-backups-'))
const [inventory, state, folder] = ['inventory', 'state', 'store'].map((name) => join(scratch, name)) as [
  string,
  string,
  string,
]
const schema = JSON.parse(readFileSync(join(root, 'docs/schemas/events.schema.json'), 'utf8'))
const signingKey = 'what signs the backups of a test'
const env = 'shelf'
const ids = {
  old: '20261124T101500Z-00000a',
  new: '20261125T101500Z-00000b',
  half: '20261125T111500Z-00000c',
}
let store: Store

beforeAll(async () => {
  const { identity, recipient } = await newKey()
  for (const path of [join(inventory, 'group_vars'), join(state, 'quayside', env), folder])
    mkdirSync(path, { recursive: true, mode: 0o700 })
  writeFileSync(join(state, 'quayside', env, 'age.txt'), `${identity}\n`, { mode: 0o600 })
  // Nobody is at that address: these words ask no host.
  writeFileSync(
    join(inventory, 'hosts.yaml'),
    'all: { children: { db: { hosts: { db-1: { host: 192.0.2.1 } } } } }\n',
  )
  writeFileSync(
    join(inventory, 'group_vars', 'db.yaml'),
    `backup_store: { directory: ${folder} }
backup_signing_key: { from_env: SIGNING_KEY }
postgres_password: { generate: postgres_password }
postgres_superuser_password: { generate: postgres_superuser_password }
redis_password: { generate: redis_password }
`,
  )
  store = await storeOf({ directory: folder }, { dir: inventory })
  for (const id of [ids.old, ids.new]) await putBackup(id, recipient)
  await store.put(`${layout.backup(env, ids.half)}redis.rdb.zst.age`, Buffer.from('half of it'))
  const evidence = { env, backup: ids.old, ok: true, finishedAt: '2026-11-24T12:00:00Z' }
  const text = JSON.stringify(signed('evidence', evidence, new Secret(signingKey)))
  await store.put(layout.evidence(env, ids.old, 'one', 'json'), Buffer.from(text))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function putBackup(id: string, recipient: string): Promise<void> {
  const put = async (key: string, text: string) => {
    const encrypter = new Encrypter()
    encrypter.addRecipient(recipient)
    const bytes = await encrypter.encrypt(text)
    return putSealed(store, layout.backup(env, id), key, Readable.from([Buffer.from(bytes)]))
  }
  const manifest: Manifest = {
    version: 1,
    id,
    env,
    takenAt: '2026-11-25T10:15:00Z',
    finishedAt: '2026-11-25T10:15:09Z',
    by: 'anna@laptop',
    tools: { quayside: '0.1.0' },
    recipients: [recipient],
    release: { id: 'v1.4.2', images: { api: `registry/api@sha256:${'0'.repeat(64)}` } },
    redis: { host: 'db-1', version: '7.0', keys: 3, object: await put('redis.rdb.zst.age', 'keys') },
    volumes: [
      { host: 'app-1', kind: 'volume', name: 'uploads', object: await put('uploads.tar.zst.age', 'files') },
    ],
  }
  await writeManifest(store, manifest, new Secret(signingKey))
}

/** `npx zx playbooks/backup.ts WORDS` as a person types it, without npx. */
function run(
  words: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const given = { NO_COLOR: '1', FORCE_COLOR: undefined, XDG_STATE_HOME: state, XDG_CONFIG_HOME: state }
    const options = { cwd: root, env: { ...process.env, ...given, SIGNING_KEY: signingKey, ...more } }
    const argv = ['playbooks/backup.ts', ...words, '--env', env, '--inventory', inventory]
    execFile(join(root, 'zx'), argv, options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

/** The data of the one `result` event, which the published schema describes. */
async function dataOf(words: readonly string[], of: string): Promise<Record<string, unknown>> {
  const { stdout } = await run([...words, '--json'])
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const [event] = events.filter((each) => each.type === 'result')
  expect(event).toMatchObject({ of })
  const validate = new Ajv2020()
    .addSchema(schema)
    .compile({ $ref: `urn:quayside:events:1#/$defs/result-${of}` })
  expect(validate(event.data), JSON.stringify(validate.errors)).toBe(true)
  return event.data
}

test('an inventory without a database host is told so, and what to do about a stack of a swarm', () => {
  // By another name than the lab's, whose hosts are brought up for whoever names them.
  const argv = ['playbooks/backup.ts', '--env', 'swarm-of-nobody', '--inventory', 'inventory/lab-swarm']
  const said = spawnSync('./zx', argv, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: state },
  })
  expect([said.status, said.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: there is no host in group db[\s\S]*hint: a database inside of a stack/m),
  ])
})

describe('what is in a store', { timeout: 120_000 }, () => {
  test('list: the newest first, what is incomplete, and what a drill said', async () => {
    const { code, stdout, stderr } = await run(['list'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.split('\n').filter((line) => /^2026/.test(line))
    expect(lines.map((line) => line.split(' ')[0])).toEqual([ids.half, ids.new, ids.old])
    expect(lines[0]).toContain('incomplete')
    expect(lines[1]).toMatch(/v1\.4\.2 +none$/)
    expect(lines[2]).toMatch(/v1\.4\.2 +passed /)
    const { backups } = await dataOf(['list'], 'backups')
    expect(backups).toMatchObject([
      { id: ids.half, complete: false },
      { id: ids.new, complete: true },
      { id: ids.old, complete: true, drill: { ok: true } },
    ])
  })

  test('show: by a beginning of its name', async () => {
    const { code, stdout } = await run(['show', '20261124'])
    expect(code).toBe(0)
    for (const word of [ids.old, 'anna@laptop', 'v1.4.2', '3 keys', 'uploads', 'passed'])
      expect(stdout).toContain(word)
    expect(await dataOf(['show'], 'backup-manifest')).toMatchObject({ id: ids.new })
  })

  test('verify: well, then with a byte flipped, then with an object gone', async () => {
    const well = await run(['verify'])
    expect(well).toMatchObject({ code: 0, stderr: '' })
    expect(well.stdout).toContain('2 objects read again and whole, opened with the key in hand')
    const path = join(folder, layout.backup(env, ids.old), 'redis.rdb.zst.age')
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(path, bytes)
    const { code, stderr } = await run(['verify', ids.old])
    expect(code).toBe(1)
    expect(stderr).toContain('1 of 2 objects cannot be restored: redis.rdb.zst.age')
    rmSync(join(folder, layout.backup(env, ids.old), 'uploads.tar.zst.age'))
    expect(await dataOf(['verify', ids.old], 'backup-verify')).toMatchObject({
      faults: [{ key: 'redis.rdb.zst.age' }, { key: 'uploads.tar.zst.age' }],
    })
  })

  test('another signing key: list says so of each, show and verify refuse', async () => {
    const other = { SIGNING_KEY: 'another than what signed them' }
    const { code, stdout } = await run(['list'], other)
    expect(code).toBe(0)
    expect(stdout).toContain('signed with another key than backup_signing_key')
    for (const word of ['show', 'verify'])
      expect(await run([word], other)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('another key'),
      })
  })

  test.each([
    [['shwo'], 'error: backup.ts has no "shwo"\nhint: did you mean show?\n'],
    [['list', 'x'], 'error: backup.ts list takes no "x"\n'],
    [['list', '--resume'], 'error: --resume goes with take\n'],
    [['show', '2026'], /"2026" begins 2 backups/],
    [['show', ids.half], /incomplete/],
    [['--tags', 'backup'], /--tags does not go with backup.ts/],
    [['list', '-x', '{"backup_store": {}}'], /backup_store takes one of s3 and directory/],
  ])('%j is refused with exit code 2', async (words, stderr) => {
    expect(await run(words)).toMatchObject({
      code: 2,
      stderr: typeof stderr === 'string' ? stderr : expect.stringMatching(stderr),
    })
  })

  test('a short signing key is told before a host is touched', async () => {
    expect(await run(['take'], { SIGNING_KEY: 'k7-q' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('shorter than 16'),
    })
  })
})
