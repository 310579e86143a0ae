import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { letGo, takeLock } from '../../lib/process-lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-lock-'))
  path = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const dead = () => spawnSync('true').pid

test('who comes second is told who holds it, and takes it afterwards; nothing else is left', async () => {
  expect(await takeLock(path, 'the first')).toBeUndefined()
  expect(await takeLock(path, 'the second')).toEqual({ pid: process.pid, boot, does: 'the first' })
  await letGo(path)
  expect(await takeLock(path, 'the second')).toBeUndefined()
  expect(readdirSync(folder)).toEqual(['lock'])
})

test.each([
  ['a process that has died', () => JSON.stringify({ pid: dead(), boot, does: 'died' })],
  ['a boot of before', () => JSON.stringify({ pid: process.pid, boot: 'of before' })],
  ['nobody that can be read', () => '{"pid":'],
])('%s holds nothing', async (_, text) => {
  writeFileSync(path, text())
  expect(await takeLock(path, 'the next')).toBeUndefined()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, does: 'the next' })
})

test('of many that find a dead one at the same time one gets it', async () => {
  writeFileSync(path, JSON.stringify({ pid: dead(), boot }))
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => takeLock(path, String(index))))
  expect(all.filter((each) => each === undefined)).toHaveLength(1)
})
