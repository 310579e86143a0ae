import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandLine } from '../../command-line.ts'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'quayside-env-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const env = (words: string) => commandLine(`playbooks/env.ts ${words} --directory ${directory}`)

test('init, a mistake, check: as a person types it, and no value of a secret in any of it', async () => {
  const first = await env('init dev')
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toContain(`wrote ${directory}/dev.env\n`)
  expect((await env('init dev')).stdout).toBe('dev: nothing to do\n')
  const file = join(directory, 'dev.env')
  const password = readFileSync(join(directory, 'secrets/dev/redis_password'), 'utf8')
  writeFileSync(file, `WEB_PROT=1\nSERVER_NAME=${password}\nOPENAI_API_KEY=swordfish-and-chips\n`)
  const checked = await env('check dev')
  expect(checked.code).toBe(1)
  expect(
    checked.stdout.replaceAll(`${directory}/`, ''),
  ).toBe(`dev.env:1:1: unknown setting \`WEB_PROT\`  [unknown]
    did you mean \`WEB_PORT\`?
dev.env:2:13: the value of \`redis_password\` stands here in plain text  [misplaced-secret]
    take it out, and change it where others could read this file; secrets are files of their own
dev.env:3:1: \`OPENAI_API_KEY\` is a secret: settings are read by whoever reads this file  [misplaced-secret]
    a secret belongs in secrets/dev/openai_api_key; env.ts init dev moves it there
dev: 3 findings
`)
  for (const words of ['check dev --json', 'diff dev', 'init dev']) {
    const { stdout, stderr } = await env(words)
    expect(stdout + stderr).not.toContain(password)
    expect(stdout + stderr).not.toContain('swordfish')
  }
})

test('flags that are none, and --help', async () => {
  expect(await env('check dev --jsno')).toMatchObject({
    code: 2,
    stderr: 'error: unknown flag --jsno\nhint: did you mean --json?\n',
  })
  expect((await env('--help')).stdout).toContain(
    'check [STAGE]|init STAGE|diff STAGE [STAGE]|example [STAGE]',
  )
})
