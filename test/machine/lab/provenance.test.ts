import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provenanceOf } from '../../../lib/lab/provenance.ts'

let root: string
const git = (...words: readonly string[]) =>
  execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
    encoding: 'utf8',
    env: { ...process.env, GIT_COMMITTER_DATE: '@1700000000 +0100', GIT_AUTHOR_DATE: '@1600000000 +0100' },
  }).trim()

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quayside-provenance-'))
  mkdirSync(join(root, 'api'))
  writeFileSync(join(root, 'api/Dockerfile'), 'FROM scratch\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('an image is dated and named by the last commit to its folder, whatever came elsewhere since', async () => {
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'one')
  const revision = git('rev-parse', 'HEAD')
  const expected = { SOURCE_DATE_EPOCH: '1700000000', REVISION: revision, CREATED: '2023-11-14T22:13:20Z' }
  writeFileSync(join(root, 'elsewhere'), '')
  git('add', '.')
  git('commit', '-qm', 'two', '--date', '@1800000000 +0000')
  expect(await provenanceOf(join(root, 'api'))).toEqual(expected)

  writeFileSync(join(root, 'api/new.py'), '')
  expect(await provenanceOf(join(root, 'api'))).toEqual({ ...expected, REVISION: `${revision}-dirty` })
})

test('where git knows nothing of it, it is not said', async () => {
  expect(await provenanceOf(join(root, 'api'))).toEqual({})
  git('init', '-q')
  expect(await provenanceOf(join(root, 'api'))).toEqual({})
})
