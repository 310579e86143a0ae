import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { told } from '../../../lib/env/finding.ts'
import { checkStage, type StageName } from '../../../stack/environment/index.ts'
import { localCertificate } from './certificates.ts'
import { emptyFolder, goodSecrets, put } from './stage-folder.ts'

let directory = ''
beforeEach(() => {
  directory = emptyFolder()
})
afterEach(() => rmSync(directory, { recursive: true }))

async function check(stage: StageName, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { findings } = await checkStage(stage, { directory, env })
  return findings.map(told).join('\n').replaceAll(`${directory}/`, '')
}

const secrets = Object.values(goodSecrets).filter((text) => text !== '')

describe('settings', () => {
  // What stands in the file, and what is said of it; nothing else is.
  test.each<[stage: StageName, env: string, said: string]>([
    [
      'dev',
      'API_PROT=1\n',
      'dev.env:1:1: unknown setting `API_PROT`  [unknown]\n    did you mean `API_PORT`?',
    ],
    [
      'dev',
      'COLOUR=blue\n',
      'dev.env:1:1: unknown setting `COLOUR`  [unknown]\n    see dev.env.example for all that there are',
    ],
    [
      'dev',
      'qX7TzKr6yLp2S9=\n',
      'dev.env:1:1: this name is no setting of dev  [unknown]\n    see dev.env.example for all that there are',
    ],
    [
      'dev',
      '\nAPI_REPLICAS=2\n',
      'dev.env:2:1: `API_REPLICAS` is of swarm, and dev has none  [unknown]\n    delete it here',
    ],
    [
      'dev',
      'WEB_PORT=3001\nexport WEB_PORT=3002\n',
      'dev.env:1:1: `WEB_PORT` stands again in line 2, and that one counts  [duplicate]\n    delete one of them',
    ],
    [
      'dev',
      'WEB_PORT=70000\n',
      'dev.env:1:10: `WEB_PORT` must be an integer from 1 to 65535  [malformed]\n    WEB_PORT=3000',
    ],
    [
      'dev',
      'WEB_PORT="3e3"\n',
      'dev.env:1:10: `WEB_PORT` must be an integer from 1 to 65535  [malformed]\n    WEB_PORT=3000',
    ],
    ['dev', 'DEBUG=yes\n', 'dev.env:1:7: `DEBUG` must be true or false  [malformed]\n    DEBUG=true'],
    [
      'dev',
      'LOG_LEVEL=trace\n',
      'dev.env:1:11: `LOG_LEVEL` must be one of `debug`, `info`, `warning`, `error`  [malformed]\n    LOG_LEVEL=debug',
    ],
    [
      'dev',
      'DATABASE_POOL_SIZE=21\n',
      'dev.env:1:20: `DATABASE_POOL_SIZE` must be an integer from 1 to 20  [malformed]\n    DATABASE_POOL_SIZE=20',
    ],
    [
      'dev',
      'REDIS_MEMORY_MB=512\n',
      'dev.env:1:17: `REDIS_MEMORY_MB` must be an integer from 32 to 511  [malformed]\n    REDIS_MEMORY_MB=384',
    ],
    [
      'dev',
      'PUBLIC_URL=localhost:8443\n',
      'dev.env:1:12: `PUBLIC_URL` must be an address of scheme, host and port alone, without a slash at its end  [malformed]\n    PUBLIC_URL=https://app.example.org',
    ],
    [
      'dev',
      'OLLAMA_URL=ollama\n',
      'dev.env:1:12: `OLLAMA_URL` must be an address that starts with http:// or https://  [malformed]\n    OLLAMA_URL=http://host.docker.internal:11434',
    ],
    [
      'dev',
      'WEB_PORT=8000\n',
      'dev.env:1:10: `WEB_PORT` is the port of `API_PORT`, too  [malformed]\n    give each one of its own',
    ],
    [
      'dev',
      'WEB_PORT\n',
      'dev.env:1:1: `WEB_PORT` has no =: its value would be that of whichever shell runs Docker Compose  [malformed]\n    WEB_PORT=3000',
    ],
    [
      'dev',
      'SERVER_NAME=$nowhere\n',
      'dev.env:1:13: `SERVER_NAME` refers to a variable that is set nowhere: Docker Compose puts nothing in its place  [malformed]\n    for a dollar sign write $$, or put the value in single quotes',
    ],
    [
      'dev',
      'BIND_ADDRESS=0.0.0.0\n',
      'dev.env:1:14: `BIND_ADDRESS` opens debuggers, which run whatever they are told, and databases to the network  [insecure]\n    BIND_ADDRESS=127.0.0.1',
    ],
    [
      'dev',
      'PUBLIC_URL=http://10.0.0.5\n',
      'dev.env:1:12: `PUBLIC_URL` is not encrypted on its way: passwords and tokens can be read  [insecure]\n    write https://; http:// is for loopback',
    ],
    [
      'test',
      'POSTGRES_USER=postgres\n',
      'test.env:1:15: `POSTGRES_USER` is the superuser: a hole in the app is one in all of PostgreSQL  [insecure]\n    POSTGRES_USER=app',
    ],
    [
      'test',
      'POSTGRES_DB=template1\n',
      "test.env:1:13: `POSTGRES_DB` is one of PostgreSQL's own databases  [malformed]\n    POSTGRES_DB=app",
    ],
    [
      'test',
      'OLLAMA_URL=http://ollama.com/x\n',
      'test.env:1:12: `OLLAMA_URL` crosses the internet unencrypted: prompts and answers can be read on the way  [insecure]\n    write https://; http:// is for loopback and private addresses',
    ],
    [
      'test',
      'REDIS_IMAGE=redis\n',
      'test.env:1:13: `REDIS_IMAGE` names no version: it is another image tomorrow  [insecure]\n    name a version, `redis:7.0-alpine`, or a digest, `redis@sha256:…`',
    ],
    [
      'test',
      'REDIS_IMAGE=redis:latest\n',
      'test.env:1:13: `REDIS_IMAGE` names no version: it is another image tomorrow  [insecure]\n    name a version, `redis:7.0-alpine`, or a digest, `redis@sha256:…`',
    ],
    [
      'test',
      'export REDIS_PASSWORD=x\n',
      'test.env:1:8: `REDIS_PASSWORD` is a secret: settings are read by whoever reads this file  [misplaced-secret]\n    a secret belongs in secrets/test/redis_password; env.ts init test moves it there',
    ],
    [
      'test',
      'OLLAMA_URL=https://me:hunter2@host\n',
      'test.env:1:12: a password in an address stands here in plain text  [misplaced-secret]\n    take it out, and change it where others could read this file; secrets are files of their own',
    ],
    [
      'test',
      `COMPOSE_PROJECT_NAME=${goodSecrets.redis_password}\n`,
      'test.env:1:22: the value of `redis_password` stands here in plain text  [misplaced-secret]\n    take it out, and change it where others could read this file; secrets are files of their own',
    ],
    [
      'test',
      'A="b\n',
      'test.env:1:3: the value of `A` has no closing quote  [malformed]\n    close it with "',
    ],
  ])('%s: %j', async (stage, env, said) => {
    put(directory, stage, env)
    expect(await check(stage)).toBe(said)
  })

  test.each<[StageName, string]>([
    [
      'dev',
      'OLLAMA_URL=http://192.168.1.20:11434\nBIND_ADDRESS=::1\nPUBLIC_URL=http://localhost:3000\nWEB_PORT=\n',
    ],
    [
      'dev',
      'OLLAMA_URL=http://host.docker.internal:11434/v1\nREDIS_IMAGE=registry.lab:5000/standin-redis:7.0\n',
    ],
    ['dev', 'WEB_PORT=${MINE:-3100}\n'],
    ['test', 'DEBUG=true\nLOG_LEVEL=debug\nRELEASE=dev\n'],
  ])('%s: %j is right', async (stage, env) => {
    put(directory, stage, env)
    expect(await check(stage)).toBe('')
  })
})

const good =
  'RELEASE=1.4.0\nREGISTRY=r.acme.dev/lab\nPUBLIC_URL=https://app.acme.dev\nSERVER_NAME=app.acme.dev\n'

describe('production', () => {
  const { certificate, key } = localCertificate(['app.acme.dev'], 90)
  const served = { ...goodSecrets, tls_certificate: certificate, tls_key: key }

  test.each<StageName>(['prod', 'swarm'])('%s: nothing is wrong with what is right', async (stage) => {
    put(directory, stage, good, served)
    expect(await check(stage)).toBe('')
  })

  test.each<[env: string, line: number, said: string]>([
    [
      good.replace('https', 'http'),
      3,
      '`PUBLIC_URL` is not encrypted on its way: passwords and tokens can be read  [insecure]',
    ],
    [
      good.replace('1.4.0', 'latest'),
      1,
      '`RELEASE` names no version: it is another image tomorrow, and nothing to go back to  [insecure]',
    ],
    [good.replace('1.4.0', 'dev'), 1, '`RELEASE` names no version'],
    [`${good}DEBUG=true\n`, 5, '`DEBUG` shows everybody the inside of the api when it fails  [insecure]'],
    [`${good}DEBUG=false\n`, 5, '`DEBUG` is of dev and test, and prod has none  [unknown]'],
    [
      `${good}LOG_LEVEL=debug\n`,
      5,
      "`LOG_LEVEL` debug logs what users send, which is nobody's affair  [insecure]",
    ],
    [`${good}API_DEBUG_PORT=5678\n`, 5, '`API_DEBUG_PORT` is of dev, and prod has none  [unknown]'],
    [
      good.replace('SERVER_NAME=app', 'SERVER_NAME=www'),
      4,
      '`SERVER_NAME` is not the host of `PUBLIC_URL`: nginx would not answer there  [malformed]',
    ],
    [good.replace('r.acme.dev', 'registry.example.org'), 2, "`REGISTRY` is still the example's  [malformed]"],
    [
      good.replace('REGISTRY=r.acme.dev/lab', 'REGISTRY=https://r.acme.dev'),
      2,
      '`REGISTRY` must be a registry',
    ],
    [
      good.replace(/RELEASE.*\n/, ''),
      4,
      "`RELEASE` is required: the release: the tag of the api's and web's images  [missing]",
    ],
    [good.replace('1.4.0', ''), 1, '`RELEASE` is required'],
    [good.replace('RELEASE', '# RELEASE'), 1, '`RELEASE` is required'],
  ])('%j', async (env, line, said) => {
    put(directory, 'prod', env, served)
    const [first = ''] = (await check('prod')).split('\n').filter((each) => each.includes(said))
    expect(first, await check('prod')).toMatch(new RegExp(`^prod\\.env:${line}:`))
  })

  test('a pool that is too large for PostgreSQL', async () => {
    put(directory, 'swarm', `${good}API_REPLICAS=4\n`, served)
    expect(await check('swarm')).toContain(
      'swarm.env:5:14: (API_REPLICAS + 1) × DATABASE_POOL_SIZE is more than the 80 connections that PostgreSQL has for the api  [malformed]',
    )
    put(directory, 'swarm', `${good}API_REPLICAS=3\n`, served)
    expect(await check('swarm')).toBe('')
  })

  test('a database elsewhere: its connections are its own affair, and on the way nobody reads along', async () => {
    put(directory, 'swarm', `${good}API_REPLICAS=9\nDATABASE_HOST=10.30.0.31\n`, served)
    expect(await check('swarm')).toBe('')
    put(directory, 'swarm', `${good}DATABASE_HOST=db.acme.dev\nDATABASE_SSLMODE=disable\n`, served)
    expect(await check('swarm')).toContain('`DATABASE_SSLMODE` disable sends rows and passwords unencrypted')
    put(directory, 'swarm', `${good}DATABASE_HOST=db.acme.dev\nDATABASE_SSLMODE=require\n`, served)
    expect(await check('swarm')).toBe('')
  })

  test('without a file, without secrets', async () => {
    const said = await check('prod')
    expect(said).toContain(
      'prod.env:1:1: this file does not exist: prod requires RELEASE, REGISTRY, PUBLIC_URL, SERVER_NAME  [missing]\n    env.ts init prod makes it',
    )
    expect(said).toContain(
      'secrets/prod/tls_key:1:1: this secret does not exist: the key of that certificate  [missing]\n    put it there: a private key in PEM, without a passphrase, from whoever asked for the certificate',
    )
  })

  test('certificates: of another host, expired, of another key, unreadable', async () => {
    const others = localCertificate(['app.acme.org'], 90)
    const old = localCertificate(['app.acme.dev'], 3)
    const saidOf = async (pair: { tls_certificate?: string; tls_key?: string }) => {
      put(directory, 'prod', good, { ...served, ...pair })
      return check('prod')
    }
    expect(await saidOf({ tls_certificate: others.certificate, tls_key: others.key })).toContain(
      'secrets/prod/tls_certificate:1:1: this certificate is not for `SERVER_NAME`  [malformed]',
    )
    expect(await saidOf({ tls_key: others.key })).toContain(
      'secrets/prod/tls_key:1:1: this is not the key of tls_certificate  [malformed]',
    )
    expect(await saidOf({ tls_certificate: old.certificate, tls_key: old.key })).toMatch(
      /tls_certificate:1:1: this certificate expires on 20\d\d-\d\d-\d\d, in less than a week {2}\[insecure\]/,
    )
    const broken = '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----'
    const said = await saidOf({ tls_certificate: broken, tls_key: broken })
    expect(said).toContain('tls_certificate:1:1: this is no certificate that can be read  [malformed]')
    expect(said).toContain('tls_key:1:1: this is no private key that can be read without a passphrase')
    expect(said).not.toContain('hunter2')
  })
})

describe('secrets', () => {
  test.each<[name: string, text: string, said: string]>([
    [
      'redis_password',
      '',
      "this secret is empty: of Redis' default user  [missing]\n    env.ts init dev makes it",
    ],
    ['redis_password', 'redis', 'this secret is one that is tried first  [insecure]\n    rm -f '],
    ['redis_password', 'sh0rt!', 'this secret has fewer than 16 characters  [insecure]'],
    [
      'redis_password',
      'two words of a passphrase',
      'this secret must be one line of printable ASCII without blanks  [malformed]',
    ],
    [
      'redis_password',
      goodSecrets.postgres_password,
      'this secret is the same as `postgres_password`  [insecure]',
    ],
    ['api_signing_key', 'q9TzKr6yLp2SD7jHc4Vb', 'this secret must be one line of 32 characters or more'],
    [
      'anthropic_api_key',
      'sk-proj-abcdefghijklmnopqrstuvwx',
      'this secret must be a key that starts with sk-ant-  [malformed]\n    write it anew, from https://console.anthropic.com',
    ],
    [
      'openai_api_key',
      'sk-ant-abcdefghijklmnopqrstuvwx',
      "this secret must be a key that starts with sk-, and is not Anthropic's  [malformed]",
    ],
    [
      'tls_key',
      'x',
      'this secret must be a private key in PEM, without a passphrase  [malformed]\n    rm -f ',
    ],
    ['redis_pasword', 'x', 'dev has no secret of this name  [unknown]\n    did you mean `redis_password`?'],
    [
      '.redis_password.1a2b~',
      'x',
      'a run that was killed has left this draft of a secret  [unknown]\n    rm -f ',
    ],
  ])('%s: %j', async (name, text, said) => {
    put(directory, 'dev', undefined, { ...goodSecrets, [name]: text })
    const all = await check('dev')
    expect(all).toContain(`secrets/dev/${name}:1:1: ${said}`)
    expect(all.match(/\[/g)).toHaveLength(1)
    for (const each of [...secrets, text].filter((one) => one.length > 5)) expect(all).not.toContain(each)
  })

  test('the last newline is no part of a secret; keys of providers are optional', async () => {
    put(directory, 'dev', undefined, {
      ...goodSecrets,
      redis_password: `${goodSecrets.redis_password}\n`,
      anthropic_api_key: `sk-ant-${'api03-Zq8x'.repeat(4)}\n`,
      openai_api_key: `sk-${'proj-Zq8xw'.repeat(4)}`,
    })
    expect(await check('dev')).toBe('')
  })

  test('a directory that Docker made in the place of a secret', async () => {
    const { redis_password: _, ...others } = goodSecrets
    put(directory, 'dev', undefined, others)
    mkdirSync(join(directory, 'secrets/dev/redis_password'))
    const path = `${directory}/secrets/dev/redis_password`
    await expect(check('dev')).rejects.toMatchObject({
      message: `${path} is a directory, and should be a file`,
      hint: `rmdir ${path}`,
    })
  })

  test('an optional secret that does not exist is none that is empty: Docker wants the file', async () => {
    put(directory, 'dev', undefined)
    rmSync(join(directory, 'secrets/dev/openai_api_key'))
    expect(await check('dev')).toBe(
      "secrets/dev/openai_api_key:1:1: this secret does not exist: the api's account at OpenAI  [missing]\n    env.ts init dev makes an empty one, which means: not set",
    )
  })

  test('permissions of the folder, of secrets, and of an env file that holds one', async () => {
    put(directory, 'dev', 'REDIS_PASSWORD=x\n')
    chmodSync(join(directory, 'dev.env'), 0o644)
    chmodSync(join(directory, 'secrets/dev'), 0o755)
    chmodSync(join(directory, 'secrets/dev/redis_password'), 0o400)
    chmodSync(join(directory, 'secrets/dev/openai_api_key'), 0o666)
    const said = (await check('dev')).split('\n')
    expect(said.filter((line) => line.includes('[permissions]'))).toEqual([
      'dev.env:1:1: this file holds a secret, and other accounts of this machine can read it  [permissions]',
      'secrets/dev:1:1: other accounts of this machine can look into the folder of secrets  [permissions]',
      'secrets/dev/openai_api_key:1:1: others than its owner can change this secret  [permissions]',
      "secrets/dev/redis_password:1:1: a container's own user cannot read this secret; its folder keeps others of this machine out  [permissions]",
    ])
    writeFileSync(join(directory, 'dev.env'), 'LOG_LEVEL=info\n')
    expect(await check('dev')).not.toContain('dev.env')
  })
})

test('a certificate that has expired', async () => {
  const { certificate, key } = localCertificate(['app.acme.dev'], 3)
  put(directory, 'prod', good, { ...goodSecrets, tls_certificate: certificate, tls_key: key })
  vi.useFakeTimers({ now: Date.now() + 4 * 24 * 3600 * 1000, toFake: ['Date'] })
  try {
    expect(await check('prod')).toMatch(/this certificate has expired on 20\d\d-\d\d-\d\d {2}\[insecure\]/)
  } finally {
    vi.useRealTimers()
  }
})

test('what the shell sets comes first in Docker Compose: a note says so', async () => {
  put(directory, 'dev', 'HTTPS_PORT=9443\n')
  const { notes, settings } = await checkStage('dev', { directory, env: { DEBUG: '*' } })
  expect(notes.map((note) => note.replace(`${directory}/`, ''))).toEqual([
    'this shell sets DEBUG, and Docker Compose takes that before dev.env',
  ])
  expect(Object.fromEntries(settings)).toMatchObject({
    PUBLIC_URL: 'https://localhost:9443',
    WEB_PORT: '3000',
  })
})
