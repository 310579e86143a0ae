import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandLine } from '../../command-line.ts'

let programs: string

// A machine whose docker is there and whose engine is not.
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), 'quayside-programs-'))
  const docker = '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n'
  writeFileSync(join(programs, 'docker'), docker, { mode: 0o755 })
  symlinkSync(process.execPath, join(programs, 'node'))
})
afterAll(() => rmSync(programs, { recursive: true, force: true }))

const run = (words: string) =>
  commandLine(`playbooks/${words}`, {
    env: { PATH: `${programs}:${dirname(process.execPath)}:/usr/bin:/bin` },
  })

describe.each(['dev.ts up', 'dev.ts down', 'test.ts'])('%s', (words) => {
  test('says what to do where no engine answers, and touches nothing', async () => {
    const { code, stderr } = await run(words)
    expect(stderr).toMatch(/error: no Docker engine answers\nhint: install or start Docker/)
    expect(code).toBe(1)
  })
})

test.each([
  ['dev.ts', /what shall be done\?\nhint: up, down, logs, reset, shell/],
  ['dev.ts upp', /dev.ts has no "upp"\nhint: did you mean up\?/],
  ['dev.ts shell', /a shell in which service\?\nhint: .*api/],
  ['dev.ts shell apy', /there is no service "apy"\nhint: did you mean api\?/],
  ['dev.ts down api', /dev.ts down takes no "api"/],
  ['dev.ts down --yes', /--yes goes with reset/],
  ['dev.ts up --follow', /--follow goes with logs/],
  ['test.ts --only tears', /there is no check "tears"\nhint: communication, /],
])('%s is refused before anything is asked', async (words, said) => {
  const { code, stderr } = await run(words)
  expect(stderr).toMatch(said)
  expect(code).toBe(2)
})
