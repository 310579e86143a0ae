import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readDotenv } from '../../../lib/env/dotenv.ts'
import { told } from '../../../lib/env/finding.ts'
import { carryOut, initStage } from '../../../lib/env/init.ts'
import { planInit } from '../../../lib/env/init-plan.ts'
import { look } from '../../../lib/env/look.ts'
import { replace, writeSecret } from '../../../lib/env/write.ts'
import {
  checkStage,
  exampleOf,
  initStage as orThrow,
  type StageName,
  stageOf,
} from '../../../stack/environment/index.ts'
import { all, emptyFolder, goodSecrets, put } from './stage-folder.ts'

let directory = ''
beforeEach(() => {
  directory = emptyFolder()
})
afterEach(() => rmSync(directory, { recursive: true }))

const own = ['postgres_superuser_password', 'postgres_password', 'redis_password', 'api_signing_key']

async function init(stage: StageName, dryRun = false) {
  const lines: string[] = []
  const log = (line: string) => lines.push(line.replaceAll(`${directory}/`, ''))
  const { changes, conflicts } = await initStage(stageOf(stage), { directory, log, dryRun, env: {} })
  return { changes, said: lines, conflicts: conflicts.map(told).join('\n').replaceAll(`${directory}/`, '') }
}
const secret = (name: string) => readFileSync(join(directory, 'secrets/dev', name), 'utf8')
const env = () => readFileSync(join(directory, 'dev.env'), 'utf8')

test('from nothing: closed folder, readable secrets, the example; a second run does nothing', async () => {
  expect((await init('dev')).said).toEqual([
    'made secrets/dev',
    'made secrets/dev/postgres_superuser_password: 32 random characters',
    'made secrets/dev/postgres_password: 32 random characters',
    'made secrets/dev/redis_password: 32 random characters',
    'made secrets/dev/api_signing_key: 64 random characters',
    'made secrets/dev/anthropic_api_key: empty, which means not set',
    'made secrets/dev/openai_api_key: empty, which means not set',
    'wrote dev.env',
  ])
  const made = all(directory)
  expect(Object.keys(made)).toEqual([
    '600 dev.env',
    '700 secrets',
    '700 secrets/dev',
    '444 secrets/dev/anthropic_api_key',
    '444 secrets/dev/api_signing_key',
    '444 secrets/dev/openai_api_key',
    '444 secrets/dev/postgres_password',
    '444 secrets/dev/postgres_superuser_password',
    '444 secrets/dev/redis_password',
  ])
  for (const name of own) expect(secret(name)).toMatch(/^[A-Za-z0-9]{32}([A-Za-z0-9]{32})?$/)
  expect(new Set(own.map(secret)).size).toBe(4)
  expect(env()).toBe(exampleOf('dev'))
  expect((await checkStage('dev', { directory, env: {} })).findings).toEqual([])
  expect(await init('dev')).toEqual({ changes: 0, said: [], conflicts: '' })
  expect(all(directory)).toEqual(made)
})

test('whatever the umask', async () => {
  const before = process.umask(0o077)
  try {
    await init('dev')
  } finally {
    process.umask(before)
  }
  expect(Object.keys(all(directory))).toContain('444 secrets/dev/redis_password')
})

test('a dry run says the same, and does nothing', async () => {
  put(directory, 'dev', 'REDIS_PASSWORD=swordfish-and-chips\nLOG_LEVEL=info\n', {})
  chmodSync(join(directory, 'secrets/dev'), 0o755)
  const before = all(directory)
  const { said } = await init('dev', true)
  expect(said.slice(0, 4)).toEqual([
    'would close secrets/dev to other accounts of this machine',
    'would make secrets/dev/postgres_superuser_password: 32 random characters',
    'would make secrets/dev/postgres_password: 32 random characters',
    'would move REDIS_PASSWORD to secrets/dev/redis_password',
  ])
  expect(said.at(-2)).toBe('would take REDIS_PASSWORD out of dev.env')
  expect(said.at(-1)).toMatch(/^would add BIND_ADDRESS, .* to dev\.env, as the example has them$/)
  expect(all(directory)).toEqual(before)
})

const given = `# mine
LOG_LEVEL=info   # quiet

export POSTGRES_PASSWORD='swordfish $and "chips"'
ANTHROPIC_API_KEY="sk-ant-\\x"
REDIS_PASSWORD=
OWN=1
`

test('secrets of an env file become files, and all else of it stays', async () => {
  put(directory, 'dev', given, { anthropic_api_key: '', redis_password: goodSecrets.redis_password })
  const { said, conflicts } = await init('dev')
  expect(conflicts).toBe('')
  expect(said).toContain('moved POSTGRES_PASSWORD to secrets/dev/postgres_password')
  expect(said).toContain('took POSTGRES_PASSWORD, ANTHROPIC_API_KEY, REDIS_PASSWORD out of dev.env')
  expect(secret('postgres_password')).toBe('swordfish $and "chips"')
  expect(secret('anthropic_api_key')).toBe('sk-ant-\\x')
  expect(secret('redis_password')).toBe(goodSecrets.redis_password)
  expect(env().startsWith('# mine\nLOG_LEVEL=info   # quiet\n\nOWN=1\n\n# the address that all')).toBe(true)
  expect(env()).not.toMatch(/swordfish|sk-ant/)
  expect(await init('dev')).toEqual({ changes: 0, said: [], conflicts: '' })
})

test('stopped after any step, nothing is lost, and the next run goes on', async () => {
  const stage = stageOf('dev')
  const planned = async () => {
    const observed = await look(stage, { directory })
    return planInit(stage, { directory }, observed, readDotenv('dev.env', observed.env?.text ?? ''))
  }
  put(directory, 'dev', given, {})
  const { steps } = await planned()
  expect(steps.length).toBe(7)
  for (let done = 0; done <= steps.length; done++) {
    rmSync(directory, { recursive: true })
    directory = emptyFolder()
    put(directory, 'dev', given, {})
    for (const step of (await planned()).steps.slice(0, done)) await carryOut(step)
    const everything = Object.values(all(directory)).join('\n')
    expect(everything).toContain('swordfish $and "chips"')
    const kept = own.map((name) => all(directory)[`444 secrets/dev/${name}`])
    for (const step of (await planned()).steps) await carryOut(step)
    expect(secret('postgres_password')).toBe('swordfish $and "chips"')
    for (const [index, name] of own.entries())
      if (kept[index] !== undefined) expect(secret(name)).toBe(kept[index])
    expect((await planned()).steps).toEqual([])
  }
})

test('what cannot be moved without losing something is left alone', async () => {
  const twice = 'POSTGRES_PASSWORD=one-of-them\nPOSTGRES_PASSWORD=and-another\n'
  const text = `${twice}REDIS_PASSWORD=other-than-the-file\nAPI_SIGNING_KEY=pa$word\n${exampleOf('dev')}`
  put(directory, 'dev', text, { redis_password: goodSecrets.redis_password })
  const { conflicts } = await init('dev')
  expect(
    conflicts,
  ).toBe(`dev.env:1:1: \`POSTGRES_PASSWORD\` has two values here, and only one can be meant  [misplaced-secret]
    delete the others
dev.env:3:1: \`REDIS_PASSWORD\` has another value here than secrets/dev/redis_password  [misplaced-secret]
    delete the line, or empty that file to have the line moved there
dev.env:4:1: \`API_SIGNING_KEY\` refers to a variable that is set nowhere: what its value is meant to be is unclear  [misplaced-secret]
    for a dollar sign write $$, or put the value in single quotes`)
  expect(env()).toBe(text)
  await expect(orThrow('dev', { directory, log: () => {}, env: {} })).rejects.toThrow(
    /two values here[\s\S]*another value/,
  )
  expect(secret('redis_password')).toBe(goodSecrets.redis_password)
  // None is made in the place of one that is meant to be another.
  expect(Object.keys(all(directory)).filter((path) => /postgres_password|api_signing/.test(path))).toEqual([])
})

test('a malformed file is not touched, nor anything else: it may hold a secret', async () => {
  put(directory, 'dev', 'REDIS_PASSWORD="swordfish\n', {})
  const before = all(directory)
  expect(await init('dev')).toMatchObject({
    changes: 0,
    conflicts:
      'dev.env:1:16: the value of `REDIS_PASSWORD` has no closing quote  [malformed]\n    close it with "',
  })
  expect(all(directory)).toEqual(before)
})

test('an empty secret is filled, one that is there never', async () => {
  put(directory, 'dev', exampleOf('dev'), { ...goodSecrets, redis_password: '\n', postgres_password: 'weak' })
  expect((await init('dev')).said).toEqual(['made secrets/dev/redis_password: 32 random characters'])
  expect(secret('postgres_password')).toBe('weak')
  expect(secret('redis_password')).toMatch(/^\w{32}$/)
})

test('production: what is required is asked for, and what others give is not made up', async () => {
  await init('prod')
  expect(Object.keys(all(directory)).filter((path) => path.includes('tls'))).toEqual([])
  const { findings } = await checkStage('prod', { directory, env: {} })
  expect(findings.map(({ kind, message }) => `${kind} ${message.split(':')[0]}`)).toEqual([
    'missing `RELEASE` is required',
    'missing `REGISTRY` is required',
    'missing `PUBLIC_URL` is required',
    'missing `SERVER_NAME` is required',
    'missing this secret does not exist',
    'missing this secret does not exist',
  ])
})

test('a change of somebody else meanwhile is not written over', async () => {
  const path = join(directory, 'dev.env')
  writeFileSync(path, 'A=1\n')
  await expect(replace(path, 'A=0\n', 'A=2\n')).rejects.toThrow('was changed by somebody else meanwhile')
  await expect(replace(path, undefined, 'A=2\n')).rejects.toThrow('was changed by somebody else meanwhile')
  await expect(writeSecret(path, 'x')).rejects.toThrow('was changed by somebody else meanwhile')
  expect(all(directory)).toEqual({ '644 dev.env': 'A=1\n' })
})

test('a file that a link leads to is changed, and the link stays', async () => {
  writeFileSync(join(directory, 'real.env'), 'A=1\n')
  symlinkSync('real.env', join(directory, 'dev.env'))
  await replace(join(directory, 'dev.env'), 'A=1\n', 'A=2\n')
  expect(readFileSync(join(directory, 'real.env'), 'utf8')).toBe('A=2\n')
})
