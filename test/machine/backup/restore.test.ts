import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { repairFolder, swapFolder } from '../../../lib/backup/restore/folder.ts'
import { globalsFilter } from '../../../lib/backup/restore/globals.ts'
import { pour, pourAll } from '../../../lib/backup/restore/pour.ts'
import type { Connection } from '../../../lib/connection/index.ts'
import { openLocal } from '../../../lib/connection/local.ts'
import { sh } from '../../../lib/script/index.ts'
import { targetLike } from '../../target.ts'

const run = 'abcdef'
const stamp = '20261125t101500z'
let folder = ''
let connection: Connection

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-restore-'))
  connection = await openLocal(targetLike())
})

afterEach(async () => {
  await connection.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Everything in the folder, as "path: text". */
function content(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path.slice(folder.length + 1)}: ${readFileSync(path, 'utf8')}`)
    .sort()
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

const before = `.quayside-before-${stamp}`
const next = `.quayside-restore-${run}`
const old = { 'a b': 'old', '.hidden/x': 'old' }
const fresh = { 'a b': 'new', '.other/y': 'new' }
const under = (name: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text]))
const told = (files: Readonly<Record<string, string>>) =>
  Object.entries(files)
    .map(([path, text]) => `${path}: ${text}`)
    .sort()

test('what was unpacked takes the place of the content, which is kept', async () => {
  write({ ...old, ...under(next, fresh) })
  const { code, stderr } = await connection.run(swapFolder(folder, run, stamp))
  expect(`${code} ${stderr}`).toBe('0 ')
  expect(content()).toEqual(told({ ...under(before, old), ...fresh }))
})

test('what cannot be swapped in stays out', async () => {
  write(old)
  expect((await connection.run(swapFolder(folder, run, stamp))).code).toBe(1)
  expect(content()).toEqual(told(old))
})

const journal = '.quayside-swap'
test.each<[string, Readonly<Record<string, string>>]>([
  [
    'before the first file',
    { ...old, ...under(next, fresh), [journal]: `out ${before}\n`, [`${before}/.quayside-x`]: '' },
  ],
  [
    'with some out',
    { '.hidden/x': 'old', [`${before}/a b`]: 'old', ...under(next, fresh), [journal]: `out ${before}\n` },
  ],
  ['with all out', { ...under(before, old), ...under(next, fresh), [journal]: `in ${before}\n` }],
  [
    'with some in',
    { ...under(before, old), 'a b': 'new', [`${next}/.other/y`]: 'new', [journal]: `in ${before}\n` },
  ],
  ['with all in', { ...under(before, old), ...fresh, [journal]: `in ${before}\n` }],
])('a swap that died %s is undone', async (_, found) => {
  write(found)
  rmSync(join(folder, before, '.quayside-x'), { force: true })
  const { code, stdout, stderr } = await connection.run(repairFolder(folder))
  expect(`${code} ${stderr}`).toBe('0 ')
  expect(stdout).toContain('undone')
  expect(content()).toEqual(told(old))
  expect(readdirSync(folder).filter((name) => name.startsWith('.quayside'))).toEqual([])
})

test('a journal that names another folder is not followed', async () => {
  write({ ...old, [journal]: 'out ../../etc\n' })
  expect((await connection.run(repairFolder(folder))).code).toBe(1)
})

test('what an earlier restore has kept outlives the next one', async () => {
  write({ ...old, '.quayside-before-20260101t000000z/a': 'older', ...under(next, fresh) })
  expect((await connection.run(swapFolder(folder, run, stamp))).code).toBe(0)
  expect(content()).toContain('.quayside-before-20260101t000000z/a: older')
})

test("roles that are there are altered, the inventory's keep their password, and psql gets no command", () => {
  const globals = `\\restrict abc
CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-1';
CREATE ROLE "a.b";
ALTER ROLE "a.b" WITH LOGIN PASSWORD 'SCRAM-2';
CREATE ROLE axb;
ALTER ROLE axb WITH LOGIN PASSWORD 'SCRAM-3';
ALTER ROLE app SET work_mem TO '7MB';
CREATE TABLESPACE fast OWNER postgres LOCATION '/fast';
GRANT app TO axb;
`
  const script = globalsFilter(['app', 'a.b']).toString()
  expect(execFileSync('sh', ['-c', script], { input: globals, encoding: 'utf8' })).toBe(`\\restrict abc
DO $quayside$ BEGIN CREATE ROLE app; EXCEPTION WHEN duplicate_object THEN NULL; END $quayside$;
DO $quayside$ BEGIN CREATE ROLE "a.b"; EXCEPTION WHEN duplicate_object THEN NULL; END $quayside$;
DO $quayside$ BEGIN CREATE ROLE axb; EXCEPTION WHEN duplicate_object THEN NULL; END $quayside$;
ALTER ROLE axb WITH LOGIN PASSWORD 'SCRAM-3';
ALTER ROLE app SET work_mem TO '7MB';
GRANT app TO axb;
`)
})

const options = { title: 'the test', signal: new AbortController().signal }

test('a stream that ends well is read whole', async () => {
  const source = Readable.from([Buffer.alloc(300_000, 'x'), Buffer.from('end')], { objectMode: false })
  expect((await pourAll(connection, sh`wc -c`, source, options)).trim()).toBe('300003')
})

test('a script that has seen enough ends before its input does', async () => {
  const source = Readable.from(endless(), { objectMode: false })
  const { code, stdout } = await pour(connection, sh`head -c 5`, source, options)
  expect([code, stdout]).toEqual([0, 'xxxxx'])
})

test('a stream that is found damaged at its end is never taken for the whole', async () => {
  const source = Readable.from(damaged(), { objectMode: false })
  const out = join(folder, 'whole')
  await expect(pourAll(connection, sh`cat >/dev/null && touch ${out}`, source, options)).rejects.toThrow(
    'damaged',
  )
  expect(readdirSync(folder)).toEqual([])
})

test('a script that fails is told with what it said', async () => {
  const source = Readable.from([Buffer.from('x')])
  await expect(pourAll(connection, sh`echo no room >&2; exit 3`, source, options)).rejects.toThrow(
    /code 3: no room/,
  )
})

async function* endless() {
  for (;;) yield Buffer.alloc(65_536, 'x')
}

async function* damaged() {
  yield Buffer.alloc(100_000, 'x')
  throw new Error('damaged')
}
