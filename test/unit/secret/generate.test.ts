import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generated } from '../../../lib/secret/generate.ts'

let root = ''
let folder = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quayside-secret-'))
  folder = join(root, 'quayside', 'lab', 'secrets')
})
afterEach(() => rm(root, { recursive: true }))

test('32 URL-safe characters, kept for the owner alone', async () => {
  const value = await generated('redis_password', folder)
  expect(value).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{31}$/)
  expect(await readFile(join(folder, 'redis_password'), 'utf8')).toBe(`${value}\n`)
  expect((await stat(join(folder, 'redis_password'))).mode & 0o777).toBe(0o600)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

test('the same name gives the same secret again, another name another one', async () => {
  const value = await generated('a', folder)
  expect(await generated('a', folder)).toBe(value)
  expect(await generated('b', folder)).not.toBe(value)
})

test('runs that race agree on one, and leave nothing else behind', async () => {
  for (let round = 0; round < 20; round++) {
    const values = await Promise.all(Array.from({ length: 8 }, () => generated(`race-${round}`, folder)))
    expect(new Set(values).size).toBe(1)
  }
  expect((await readdir(folder)).filter((name) => !name.startsWith('race-') || name.endsWith('~'))).toEqual(
    [],
  )
})

test('a folder that lies open is closed, an empty file is refused', async () => {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  await generated('a', folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await writeFile(join(folder, 'empty'), '\n')
  await expect(generated('empty', folder)).rejects.toMatchObject({ hint: expect.stringContaining('rm ') })
})
