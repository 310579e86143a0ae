import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookAtJob, parseJob } from '../../../lib/engine/job-state.ts'

let folder: string
let job: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-job-'))
  job = join(folder, 'job')
})
afterEach(() => rmSync(folder, { recursive: true }))

function look(path = process.env.PATH ?? '') {
  const stdout = execFileSync('sh', ['-c', lookAtJob(job).reveal()], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  })
  return parseJob(stdout)
}

/** When a process began, as the kernel says. */
const since = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')[19]

function begun(pid = `${process.pid} ${since(process.pid)}`): void {
  mkdirSync(job)
  writeFileSync(join(job, 'pid'), `${pid}\n`)
  writeFileSync(join(job, 'out'), 'done\n')
  writeFileSync(join(job, 'err'), '')
}

test('none was begun', () => {
  expect(look().state).toBe('none')
})

test.skipIf(process.platform !== 'linux')('it runs', () => {
  begun()
  expect(look()).toMatchObject({ state: 'running', pid: process.pid })
})

test('its process is gone, and another has its number', () => {
  begun(`${process.pid} 1`)
  expect(look().state).toBe('gone')
})

test('it has ended, with what it printed and its code', () => {
  begun()
  writeFileSync(join(job, 'code'), '3\n')
  expect(look()).toMatchObject({ state: 'ended', result: { code: 3, stdout: 'done\n' } })
})

test('it ends between the look for its end and the one for its process', () => {
  begun(`${process.pid} 1`)
  const shims = join(folder, 'shims')
  mkdirSync(shims)
  // What looks at the process finds none: it has ended just now, and has told how.
  writeFileSync(join(shims, 'sed'), `#!/bin/sh\necho 0 >${join(job, 'code')}\nexit 1\n`)
  chmodSync(join(shims, 'sed'), 0o755)
  expect(look(`${shims}:${process.env.PATH}`)).toMatchObject({
    state: 'ended',
    result: { code: 0, stdout: 'done\n' },
  })
})
