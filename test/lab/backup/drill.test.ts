import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Evidence, evidenceSchema } from '../../../lib/backup/drill/evidence.ts'
import { chooseBackup, listBackups } from '../../../lib/backup/manifest-file.ts'
import { verified } from '../../../lib/backup/signature.ts'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { onHost } from '../lab-host.ts'
import { inLab, type Outcome, type PlaybookOptions } from '../playbook.ts'
import { type Alteration, alteredCopy, type Original } from './altered.ts'

const host = 'app-2'
const scratch = mkdtempSync(join(tmpdir(), 'quayside-drill-'))
const folder = join(scratch, 'store')
const signing = 'a signing key of this test alone'
let identity = ''
let recipient = ''
let store: Store
let original: Original

beforeAll(async () => {
  identity = await generateIdentity()
  recipient = await identityToRecipient(identity)
  store = await storeOf({ directory: folder }, { dir: scratch })
  const { code, output } = await run('backup', ['take'])
  expect(code, output).toBe(0)
  original = { store, env: 'lab', id: await chooseBackup(store, 'lab'), key: new Secret(signing) }
})

afterAll(() => {
  store?.close()
  rmSync(scratch, { recursive: true })
})

/** In the lab, on a store of this file's own, which only this file's key opens. */
function run(name: string, args: readonly string[], options: PlaybookOptions = {}): Promise<Outcome> {
  const vars = {
    backup_store: { directory: folder },
    backup_signing_key: { from_env: 'TEST_SIGNING_KEY' },
    backup_recipients: [recipient],
    backup_volumes: [],
    drill_host: host,
    drill_assertions: [{ name: 'there are documents', sql: 'select count(*) > 0 from documents' }],
  }
  const env = { QUAYSIDE_AGE_KEY: identity, TEST_SIGNING_KEY: signing, ...options.env }
  return inLab(name, [...args, '-x', JSON.stringify(vars)], { ...options, env })
}

const drill = (args: readonly string[], options: PlaybookOptions = {}) => run('restore-drill', args, options)

/** What drills have left on the host. */
const left = () =>
  onHost(
    host,
    `docker ps -aq --filter label=quayside.drill; docker volume ls -q --filter label=quayside.drill
docker network ls -q --filter label=quayside.drill; ls /var/lib/quayside/drill 2>/dev/null || :`,
  )

function evidenceIn(dir: string): { evidence: Evidence; html: string } {
  const [json = ''] = readdirSync(dir).filter((name) => name.endsWith('.json'))
  const document: unknown = JSON.parse(readFileSync(join(dir, json), 'utf8'))
  const evidence = verified('evidence', document, new Secret(signing)) as Evidence
  return { evidence, html: join(dir, json.replace(/json$/, 'html')) }
}

const outcomes = ({ steps }: Evidence) => Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]))

const serverIsUp = 'a scratch server of the same major version: ok'

test('a drill that is killed leaves its scratch; the next one removes it, proves the backup, and leaves nothing', async () => {
  const killed = await drill([], { signal: { name: 'SIGKILL', after: serverIsUp } })
  expect(killed.code, killed.output).toBe(137)
  expect(await left()).not.toBe('')

  const dir = join(scratch, 'passed')
  let other: Promise<Outcome> | undefined
  const { code, output } = await drill(['newest', '--evidence', dir], {
    onOutput: (text) => {
      if (other === undefined && text.includes('scratch server')) other = drill([])
    },
  })
  expect(code, output).toBe(0)
  expect(output).toContain('removing what an earlier drill left: container quayside-drill-')
  expect(output).toContain('The backup restores')
  expect(await left()).toBe('')
  expect((await other)?.code).toBe(1)
  expect((await other)?.output).toMatch(/app-2: locked: \S+ runs a restore drill since/)

  const { evidence } = evidenceIn(dir)
  const check = new Ajv({ strict: true }).compile(evidenceSchema)
  expect([check(evidence), check.errors]).toEqual([true, null])
  expect(outcomes(evidence)).toEqual({
    ...Object.fromEntries(
      ['manifest', 'objects', 'key', 'server', 'globals', 'restore', 'tables', 'extensions', 'indexes'].map(
        (id) => [id, 'ok'],
      ),
    ),
    ...Object.fromEntries(
      ['constraints', 'sequences', 'vectors', 'assertions', 'amcheck', 'redis', 'app', 'removed'].map(
        (id) => [id, 'ok'],
      ),
    ),
    volumes: 'skipped',
  })
  expect(evidence.tables.map(({ name, equal }) => `${name} ${equal}`)).toContain('documents true')
  expect(evidence.indexes).toMatchObject([{ method: 'hnsw', recall: expect.any(Number) }])
  expect(evidence.apps[0]?.answers).toContainEqual({ path: '/api/ready', status: 200 })
  expect(evidence.rpoSeconds).toBeGreaterThan(0)
  expect(evidence.rtoSeconds).toBeGreaterThan(0)
  // The same beside the backup.
  const key = `lab/backups/${original.id}/drills/${evidence.drill}`
  expect(await store.stat(`${key}.json`)).toBeDefined()
  expect(await store.stat(`${key}.html`)).toBeDefined()
})

test('Ctrl-C: no verdict, and nothing is left', async () => {
  const { code, output } = await drill([], { signal: { name: 'SIGINT', after: serverIsUp } })
  expect(code, output).toBe(130)
  expect(await left()).toBe('')
})

describe('a damaged backup', () => {
  const dump = 'postgres/app.dump.zst.age'
  const flipped = (bytes: Buffer) => {
    const copy = Buffer.from(bytes)
    copy[copy.length - 20] = (copy[copy.length - 20] ?? 0) ^ 1
    return copy
  }
  const only = (
    change: (bytes: Buffer, all: ReadonlyMap<string, Buffer>) => Buffer | undefined,
  ): Alteration => ({
    object: (key, bytes, all) => (key === dump ? change(bytes, all) : bytes),
  })

  test.each<[string, Alteration, string, RegExp]>([
    [
      'truncated',
      only((bytes) => bytes.subarray(0, -1)),
      'objects',
      /app\.dump\S+ is damaged: it has \d+ bytes where/,
    ],
    ['with a bit flipped', only(flipped), 'objects', /app\.dump\S+ is damaged: its SHA-256 is/],
    [
      'with another object in its place',
      only((_, all) => all.get('postgres/globals.sql.zst.age')),
      'objects',
      /app\.dump\S+ is damaged/,
    ],
    ['lacking an object', only(() => undefined), 'objects', /app\.dump\S+ is not in /],
    [
      'with an edited manifest',
      { text: (text) => text.replace(/"rows": ?\d+/, '"rows": 9') },
      'manifest',
      /it was altered or damaged/,
    ],
  ])('%s is named as that', async (name, alteration, step, said) => {
    const id = await alteredCopy(original, alteration)
    const dir = join(scratch, name.replaceAll(' ', '-'))
    const { code, output } = await drill([id, '--evidence', dir])
    expect(code, output).toBe(1)
    const { evidence } = evidenceIn(dir)
    const failed = evidence.steps.filter(({ outcome }) => outcome === 'failed')
    expect(failed.map((each) => each.id)).toEqual([step])
    expect(failed[0]?.problems.join('\n')).toMatch(said)
    expect(outcomes(evidence)).toMatchObject({ restore: 'not-run', app: 'not-run', removed: 'ok' })
  })

  test('that the key in hand does not open is named as that', async () => {
    const { code, output } = await drill([original.id], {
      env: { QUAYSIDE_AGE_KEY: await generateIdentity() },
    })
    expect(code, output).toBe(1)
    expect(output).toMatch(/the key in hand opens it: FAILED/)
    expect(output).toMatch(/does not open lab\/backups/)
  })

  test('whose rows are not those of its manifest fails at that table, and at nothing else', async () => {
    const id = await alteredCopy(original, {
      manifest: (manifest) => {
        const text = JSON.stringify(manifest)
        return JSON.parse(text.replace(/("name":"documents".*?"hash":")[^"]*/, '$11:42'))
      },
    })
    const dir = join(scratch, 'rows')
    const { code, output } = await drill([id, '--evidence', dir])
    expect(code, output).toBe(1)
    const { evidence, html } = evidenceIn(dir)
    const failed = evidence.steps.filter(({ outcome }) => outcome === 'failed')
    expect(failed.map((each) => each.id)).toEqual(['tables'])
    expect(failed[0]?.problems).toEqual([
      expect.stringMatching(/^table "public"\."documents": .* what they hold differs$/),
    ])
    expect(evidence.tables.filter(({ equal }) => !equal).map(({ name }) => name)).toEqual(['documents'])
    expect(readFileSync(html, 'utf8')).toContain('data-verdict="failed"')
    expect(await left()).toBe('')
  })
})

test('random is the same for the same seed, and says it', async () => {
  const whole = (await listBackups(store, 'lab')).filter(({ complete }) => complete)
  expect(whole.length).toBeGreaterThan(1)
  const chosen = async () =>
    /drill (\S+) \(random with seed 4711\)/.exec(
      (await drill(['random', '--seed', '4711', '--check'])).output,
    )?.[1]
  const first = await chosen()
  expect(whole.map(({ id }) => id)).toContain(first)
  expect(await chosen()).toBe(first)
})
