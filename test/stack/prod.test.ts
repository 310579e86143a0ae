import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { containers } from '../../lib/compose/containers.ts'
import { compose, composeCommand, type Project } from '../../lib/compose/project.ts'
import { findCompose } from '../../lib/compose/tool.ts'
import { awaitServices } from '../../lib/compose/waiting.ts'
import { sampleRelease } from '../../lib/lab/sample.ts'
import { ensureCompose, stackImages } from '../../lib/lab/stack-images.ts'
import { ensureCertificate } from '../../lib/playbook/stack/certificate.ts'
import { running } from '../../lib/playbook/stack/running.ts'
import { expected } from '../../lib/stack/expected.ts'
import { agentlab } from '../../stack/agentlab.ts'
import { cache } from '../../stack/checks/cache.ts'
import { communication } from '../../stack/checks/communication.ts'
import { pgvector } from '../../stack/checks/pgvector.ts'
import { tiers } from '../../stack/checks/tiers.ts'
import { checkStage, initStage } from '../../stack/environment/index.ts'
import { prod } from '../../stack/settings/prod.ts'
import { expectHardened, expectQuick, inspected } from './container.ts'

const committed = fileURLToPath(new URL('../../compose', import.meta.url))
const name = 'agentlab-prod-test'
const services = ['api', 'nginx', 'postgres', 'redis', 'web'] as const
const containerOf = (service: string) => `${name}-${service}-1`
const ports = { http: 18_080, https: 18_443 } as const
const log = (line: string) => console.log(line)

let folder: string
let project: Project
let authority: string

// As a person goes about it by the words at the head of compose/prod.yaml, in a folder of their own.
beforeAll(async () => {
  await ensureCompose(log)
  const images = await stackImages(log)
  folder = mkdtempSync(join(tmpdir(), `${name}-`))
  cpSync(committed, folder, { recursive: true, filter: (path) => !/secrets|\.env$/.test(path) })
  await initStage('prod', { directory: folder, log }).catch(log)
  const settings = {
    RELEASE: await sampleRelease(),
    REGISTRY: '127.0.0.1:5077/agentlab',
    PUBLIC_URL: `https://localhost:${ports.https}`,
    SERVER_NAME: 'localhost',
    HTTP_PORT: String(ports.http),
    HTTPS_PORT: String(ports.https),
    ...Object.fromEntries(
      Object.entries(images).filter(([key]) => /^(POSTGRES|REDIS|NGINX)_IMAGE$/.test(key)),
    ),
  }
  const env = join(folder, 'prod.env')
  const others = readFileSync(env, 'utf8').replaceAll(/^(RELEASE|REGISTRY|PUBLIC_URL|SERVER_NAME)=.*\n/gm, '')
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(env, others + lines.join(''), { mode: 0o600 })
  authority = await ensureCertificate(join(folder, 'secrets/prod'), ['localhost', '127.0.0.1', '::1'])
  project = {
    tool: await findCompose([`${process.env.HOME}/.local/state/quayside/lab/compose/docker-compose`]),
    name,
    files: [join(folder, 'prod.yaml')],
    envFile: env,
    variables: {},
  }
  const started = performance.now()
  await compose(project, ['up', '--detach'])
  const signal = AbortSignal.timeout(300_000)
  await awaitServices(project, expected(agentlab, prod), { seconds: 240, signal, onReady: () => {} })
  log(`production on one host: healthy after ${((performance.now() - started) / 1000).toFixed(1)} s`)
}, 900_000)

afterAll(async () => {
  if (project !== undefined) await compose(project, ['down', '--volumes', '--timeout', '3'])
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}, 120_000)

test('Compose takes every file as it is', async () => {
  const files = readdirSync(committed).filter((file) => file.endsWith('.yaml'))
  expect(files.toSorted()).toEqual(['base.yaml', 'dev.yaml', 'prod.yaml', 'stack.yaml', 'test.yaml'])
  for (const file of files) {
    const [program = '', ...words] = composeCommand(
      { ...project, files: [join(folder, file)] },
      'config',
      '--quiet',
    )
    execFileSync(program, words, { stdio: 'pipe', env: { ...process.env, SECRETS_DIR: './secrets/prod' } })
  }
})

test('what env.ts made and a person filled in has no findings', async () => {
  const { findings } = await checkStage('prod', { directory: folder, env: {} })
  expect(findings.map(({ message }) => message)).toEqual([])
})

describe.each(services)('%s, as it runs', (service) => {
  test('has no rights, and limits', () => expectHardened(containerOf(service)))
  test('answers its health check within five seconds', () => expectQuick(containerOf(service)))
})

test('nginx alone has ports', async () => {
  const published = (await containers(project)).flatMap(({ ports: of, service }) =>
    of.map(({ published }) => `${service} ${published}`),
  )
  expect([...new Set(published)].toSorted()).toEqual([`nginx ${ports.http}`, `nginx ${ports.https}`])
})

test.each([communication, pgvector, cache, tiers])('$name', async (check) => {
  const ca = readFileSync(authority, 'utf8')
  expect(await check.run(running(project, { port: ports.https, ca }))).toBeTruthy()
})

test('a script of the page is asked of the web once, and kept', async () => {
  const stack = running(project, { port: ports.https, ca: readFileSync(authority, 'utf8') })
  const [script = ''] = /\/_next\/static\/chunks\/[^"]+\.js/.exec((await stack.ask('/')).text) ?? []
  const path = `${script}?prod-test`
  for (const _ of ['asked', 'kept']) expect((await stack.ask(path)).status).toBe(200)
  const logged = execFileSync('docker', ['logs', containerOf('nginx')], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`"path":"${script}"`))
    .map((line) => JSON.parse(line))
  expect(logged.map(({ cache }) => cache)).toEqual(['MISS', 'HIT'])
  expect(logged[1]).toMatchObject({ upstream: '' })
})

test('http leads to https, wherever that is; a stranger’s name gets no handshake', async () => {
  const location = await new Promise<string | undefined>((resolve, reject) => {
    get(`http://127.0.0.1:${ports.http}/a?b=c`, ({ headers }) => resolve(headers.location)).on(
      'error',
      reject,
    )
  })
  expect(location).toBe(`https://localhost:${ports.https}/a?b=c`)
  const stranger = new Promise((resolve, reject) => {
    connect({
      host: '127.0.0.1',
      port: ports.https,
      servername: 'stranger.example',
      rejectUnauthorized: false,
    })
      .once('secureConnect', resolve)
      .once('error', reject)
  })
  await expect(stranger).rejects.toThrow(/unrecognized name|alert/i)
})

test('what is killed is started again', async () => {
  execFileSync('docker', ['exec', containerOf('api'), 'sh', '-c', 'kill -9 -1'])
  await expect
    .poll(() => inspected(containerOf('api')).RestartCount, { timeout: 60_000, interval: 500 })
    .toBeGreaterThan(0)
  const signal = AbortSignal.timeout(120_000)
  await awaitServices(project, { stay: ['api'], once: [] }, { seconds: 100, signal, onReady: () => {} })
})
