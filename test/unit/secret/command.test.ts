import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fromCommand } from '../../../lib/secret/read.ts'

// Programs that behave like pass, 1Password's op and the AWS command line, on a PATH of their own.
let bin = ''
beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'quayside-bin-'))
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(bin, { recursive: true })
})
async function program(name: string, does: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${does}\n`)
  await chmod(join(bin, name), 0o755)
}
const failure = (argv: readonly string[]) =>
  fromCommand(argv, bin).then(
    () => 'no failure',
    (error: Error & { hint?: string }) => `${error.message} | ${error.hint}`,
  )

test('pass: two lines are both the secret, and the first alone by head', async () => {
  await program('pass', `[ "$*" = 'show agentlab/db' ] && printf 'hunter2\\nuser: app\\n'`)
  expect(await fromCommand(['pass', 'show', 'agentlab/db'], bin)).toBe('hunter2\nuser: app')
  expect(await fromCommand(['sh', '-c', 'pass show agentlab/db | head -n 1'], bin)).toBe('hunter2')
})

test('op: one that asks on standard input fails at once instead of hanging', async () => {
  await program(
    'op',
    `printf 'Enter the password: ' >&2; read -r answer || { echo 'no terminal' >&2; exit 6; }`,
  )
  expect(await failure(['op', 'read', 'op://team/db/password'])).toBe(
    'op failed with exit code 6: Enter the password: no terminal | run it by hand to see why',
  )
})

test('aws: what failed is told by its own first line, without the command line and what it printed', async () => {
  await program('aws', `echo hunter2; echo 'Token has expired' >&2; echo 'a traceback' >&2; exit 255`)
  const told = await failure(['aws', 'secretsmanager', 'get-secret-value', '--secret-id', 'agentlab/db'])
  expect(told).toBe('aws failed with exit code 255: Token has expired | run it by hand to see why')
})
