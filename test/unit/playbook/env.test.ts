import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { envCommand } from '../../../lib/playbook/env/command.ts'
import { envFlags } from '../../../lib/playbook/env/flags.ts'
import { parseFlags, programFlags } from '../../../lib/playbook/flags.ts'
import { stages } from '../../../stack/environment/index.ts'
import type { Said } from '../../command-line.ts'
import { all, goodSecrets, put } from '../env/stage-folder.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quayside-env-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** The command line on the folder of this test, in this process; no secret that lies there may be said. */
async function env(words: string): Promise<Said> {
  const lines: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] }
  const args = parseFlags(words.split(' ').filter(Boolean), { ...programFlags, ...envFlags })
  const code = await envCommand(
    {
      all: stages,
      directory,
      print: (line) => lines.stdout.push(line),
      printError: (line) => lines.stderr.push(line),
    },
    args,
  )
  const said = [...lines.stdout, ...lines.stderr].join('\n')
  for (const [path, text] of Object.entries(all(directory)))
    if (path.includes('secrets/') && text.length > 3) expect(said).not.toContain(text)
  const text = (of: readonly string[]) =>
    of.map((line) => `${line.replaceAll(`${directory}/`, '')}\n`).join('')
  return { code, stdout: text(lines.stdout), stderr: text(lines.stderr) }
}

test.each([
  ['', 'what shall be done with settings and secrets?', 'check, init, diff, example'],
  ['chek dev', 'env.ts has no "chek"', 'did you mean `check`?'],
  ['frobnicate', 'env.ts has no "frobnicate"', 'check, init, diff, example'],
  ['check dve', 'there is no stage "dve"', 'did you mean `dev`?'],
  ['check staging', 'there is no stage "staging"', 'dev, test, prod, swarm'],
  ['check dev prod', 'env.ts check takes no "prod"', undefined],
  ['diff dev prod test', 'env.ts diff takes no "test"', undefined],
  ['init', 'which stage?', 'env.ts init dev, or env.ts init test, or env.ts init prod, or env.ts init swarm'],
  ['diff', 'which stage?', 'env.ts diff dev, or env.ts diff test, or env.ts diff prod, or env.ts diff swarm'],
  ['check dev --check', '--check goes with init', undefined],
  ['init dev --json', '--json goes with check and diff', undefined],
  ['check --write', '--write goes with example', undefined],
])('env.ts %s is refused', async (words, message, hint) => {
  await expect(env(words)).rejects.toMatchObject({ exitCode: 2, message, hint })
})

test('check: without a stage, those that have a file', async () => {
  expect(await env('check')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/has no stage yet: env\.ts init dev\|test\|prod\|swarm makes one\n$/),
  })
  put(directory, 'dev', 'LOG_LEVEL=debugg\n')
  put(directory, 'test', undefined)
  expect(await env('check')).toEqual({
    code: 1,
    stdout: `dev.env:1:11: \`LOG_LEVEL\` must be one of \`debug\`, \`info\`, \`warning\`, \`error\`  [malformed]
    LOG_LEVEL=debug
note: test.env does not exist: all settings have their defaults
dev, test: 1 finding
`,
    stderr: '',
  })
  expect(await env('check test')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\ntest: all well\n$/),
  })
})

test('check --json: a finding a line, the rest to standard error', async () => {
  put(directory, 'dev', 'LOG_LEVEL=debugg\nREDIS_PASSWORD=swordfish\n')
  const { code, stdout, stderr } = await env('check dev --json')
  const findings: unknown[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(findings).toEqual([
    {
      stage: 'dev',
      kind: 'malformed',
      file: 'dev.env',
      line: 1,
      column: 11,
      message: '`LOG_LEVEL` must be one of `debug`, `info`, `warning`, `error`',
      hint: 'LOG_LEVEL=debug',
    },
    expect.objectContaining({ kind: 'misplaced-secret', line: 2, column: 1 }),
  ])
  expect(stdout).not.toContain('swordfish')
  expect(stderr).toBe('dev: 2 findings\n')
  expect(code).toBe(1)
})

test('init: what it did, what is left to a person, and that nothing is to do', async () => {
  put(directory, 'prod', 'RELEASE=1.4.0\nREDIS_PASSWORD=swordfish-and-chips\n', {})
  const dry = await env('init prod --check')
  expect(dry.stdout).toContain('would move REDIS_PASSWORD to secrets/prod/redis_password\n')
  expect(dry.stdout).not.toContain('left to you')
  const first = await env('init prod')
  expect(first.code).toBe(0)
  expect(first.stdout).toContain('moved REDIS_PASSWORD to secrets/prod/redis_password\n')
  expect(first.stdout).toMatch(/\nleft to you:\nprod\.env:\d+:1: `REGISTRY` is required: /)
  const second = await env('init prod')
  expect(second).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^prod: nothing to do\nleft to you:\n/),
  })
  put(directory, 'dev', 'REDIS_PASSWORD=swordfish-and-chips\n')
  const conflict = await env('init dev')
  expect(conflict.stdout).toContain(
    'dev.env:1:1: `REDIS_PASSWORD` has another value here than secrets/dev/redis_password',
  )
  expect(conflict.code).toBe(1)
  expect([dry, first, second, conflict].map(({ stdout }) => stdout).join()).not.toContain('swordfish')
})

test('diff: beside the defaults, and between stages', async () => {
  const key = 'MIIEvAIBADANBgkqhkiG9w0BAQEFAASC'
  put(
    directory,
    'dev',
    `LOG_LEVEL=info\nWEB_PORT=3000\nOLLAMA_URL=http://me:hunter2@ollama\nREDIS_PASWORD=hunter3\n${key}=x\nPOSTGRES_PASSWORD=hunter4\n`,
  )
  expect(await env('diff dev')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stderr": "",
      "stdout": "setting        default  dev.env
    LOG_LEVEL      debug    info
    OLLAMA_URL     not set  hidden: it may hold a secret
    REDIS_PASWORD  (none)   hidden: no setting of this name
    line 5         (none)   hidden: no setting of this name
    31 settings are alike

    secret                       dev
    postgres_superuser_password  set
    postgres_password            set
    redis_password               set
    api_signing_key              set
    tls_certificate              not set
    tls_key                      not set
    anthropic_api_key            not set
    openai_api_key               not set
    ",
    }
  `)
  put(directory, 'test', undefined, {
    ...goodSecrets,
    redis_password: 'Wq9TzKr6yLp2SD7jHc4VbM1x',
    api_signing_key: '',
  })
  const { stdout } = await env('diff dev test')
  expect(stdout).toMatchInlineSnapshot(`
    "setting               dev                                    test
    BIND_ADDRESS          127.0.0.1                              (none)
    HTTP_PORT             8080                                   (none)
    HTTPS_PORT            8443                                   (none)
    PUBLIC_URL            https://localhost:\${HTTPS_PORT:-8443}  (none)
    SERVER_NAME           localhost                              (none)
    WEB_PORT              3000                                   (none)
    API_PORT              8000                                   (none)
    POSTGRES_PORT         5432                                   (none)
    REDIS_PORT            6379                                   (none)
    API_DEBUG_PORT        5678                                   (none)
    WEB_DEBUG_PORT        9229                                   (none)
    DEBUG                 true                                   false
    OLLAMA_URL            hidden: it may hold a secret           not set
    API_DEV_REQUIREMENTS  requirements.dev.txt                   (none)
    COMPOSE_PROJECT_NAME  agentlab-dev                           agentlab-test
    REDIS_PASWORD         hidden: no setting of this name        (none)
    line 5                hidden: no setting of this name        (none)
    SECRETS_DIR           (none)                                 ./secrets/test
    18 settings are alike

    secret                       dev      test
    postgres_superuser_password  set      set, the same
    postgres_password            set      set, the same
    redis_password               set      set, differs
    api_signing_key              set      not set
    tls_certificate              not set  not set
    tls_key                      not set  not set
    anthropic_api_key            not set  not set
    openai_api_key               not set  not set
    "
  `)
  expect(stdout).not.toMatch(/hunter|MIIE/)
  const json = await env('diff dev test --json')
  expect(json.stdout.split('\n')).toContain('{"secret":"redis_password","left":"set","right":"set, differs"}')
  expect(json.stdout.split('\n')).toContain('{"setting":"WEB_PORT","left":"3000","right":"(none)"}')
})

test('example: of one stage to be read, of all to be written', async () => {
  expect((await env('example prod')).stdout).toMatch(/^# Settings of prod: .*\n[\s\S]*\nRELEASE=\n/)
  expect((await env('example --write')).stdout).toBe(
    'dev.env.example\ntest.env.example\nprod.env.example\nswarm.env.example\n',
  )
  expect((await env('example --write dev')).stdout).toBe('dev.env.example is as it should be\n')
})
