import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readFacts } from '../../../lib/engine/facts.ts'
import { cachedFacts, factsStoreOf, keepFacts } from '../../../lib/engine/facts-cache.ts'

let root = ''
const folder = () => join(root, 'quayside/lab/facts')
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quayside-facts-'))
  vi.stubEnv('XDG_STATE_HOME', root)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true, force: true })
})

const facts = readFacts('hostname=db-1\nos=debian\nversion=13\nroute=192.0.2.1 src 10.0.0.31 \n')

test('facts are kept by environment and host, for their user alone, and replaced whole', async () => {
  const at = Date.now() - 1000
  await keepFacts('lab', 'db-1', { ...facts, version: '12' })
  await keepFacts('lab', 'db-1', facts, at)
  expect(await cachedFacts('lab', 'db-1')).toEqual({ at, facts })
  expect(await cachedFacts('lab', 'db-2')).toBeUndefined()
  expect(await cachedFacts('staging', 'db-1')).toBeUndefined()
  expect(await readdir(folder())).toEqual(['db-1.json'])
  expect((await stat(join(folder(), 'db-1.json'))).mode & 0o777).toBe(0o600)
  expect((await stat(folder())).mode & 0o777).toBe(0o700)
})

test('an age that is too old counts as none', async () => {
  await keepFacts('lab', 'db-1', facts, Date.now() - 61_000)
  expect(await cachedFacts('lab', 'db-1', 60)).toBeUndefined()
  expect(await cachedFacts('lab', 'db-1', 120)).toBeDefined()
  await keepFacts('lab', 'db-1', facts, Date.now() + 3_600_000)
  expect(await cachedFacts('lab', 'db-1'), 'from the future').toBeUndefined()
})

test.each([
  ['empty', () => ''],
  ['cut off', (whole: string) => whole.slice(0, 40)],
  ['of another shape', () => '{"at":"now","facts":[]}'],
  ['null', () => 'null'],
  ['of an older version, which lacks a fact', (whole: string) => whole.replace('"ipv4"', '"ip"')],
  ['with a fact of another kind', (whole: string) => whole.replace('"systemd":false', '"systemd":"no"')],
])('a file that is %s counts as none, and the next run puts it right', async (_, broken) => {
  await keepFacts('lab', 'db-1', facts)
  const path = join(folder(), 'db-1.json')
  await writeFile(path, broken(await readFile(path, 'utf8')))
  expect(await cachedFacts('lab', 'db-1')).toBeUndefined()
  await keepFacts('lab', 'db-1', facts)
  expect((await cachedFacts('lab', 'db-1'))?.facts).toEqual(facts)
})

test('the store of a run never fails it, where the folder cannot be written', async () => {
  await mkdir(join(root, 'quayside/lab'), { recursive: true })
  await writeFile(folder(), 'in the way')
  const store = factsStoreOf('lab')
  await store.write('db-1', facts)
  expect(await store.read('db-1')).toBeUndefined()
  await rm(folder())
  await store.write('db-1', facts)
  expect(await store.read('db-1')).toEqual(facts)
})

test('nothing but the name of a host is looked for', async () => {
  await expect(cachedFacts('lab', '../keys')).rejects.toThrow(TypeError)
})
