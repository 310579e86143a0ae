import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stateDir } from '../../lib/state.ts'
import { tiers } from '../../stack/checks/tiers.ts'
import { launchBrowser } from '../browser.ts'
import { commandLine, type Said } from '../command-line.ts'
import { projectCopy } from '../project-copy.ts'
import { expectHardened, expectQuick, inside, inspected } from './container.ts'

const own = fileURLToPath(new URL('../..', import.meta.url))
const services = ['api', 'nginx', 'postgres', 'redis', 'web'] as const
const name = 'agentlab-dev-test'
const containerOf = (service: string) => `${name}-${service}-1`

let root: string
let inTheWay: Server
let up: Said
let ports: Readonly<Record<string, number>>
let browser: Browser

const dev = (words: string) =>
  commandLine(`playbooks/dev.ts ${words}`, { root, env: { COMPOSE_PROJECT_NAME: name } })

// A clone of its own, since sources are edited; and somebody else already has the port of the web front end.
beforeAll(async () => {
  root = projectCopy()
  cpSync(join(own, 'docker'), join(root, 'docker'), {
    recursive: true,
    filter: (path) => !/node_modules|\.next|__pycache__/.test(path),
  })
  inTheWay = createServer().on('error', () => {})
  await new Promise<void>((resolve) => {
    inTheWay.listen(3000, '127.0.0.1', resolve).on('error', () => resolve())
  })
  up = await dev('up --standins')
  console.log(up.stdout, up.stderr)
  const at = (service: string, target: number) => inspectPort(containerOf(service), target)
  if (up.code === 0) ports = { https: at('nginx', 8443), web: at('web', 3000), api: at('api', 8000) }
  browser = await launchBrowser()
}, 1_200_000)

afterAll(async () => {
  await browser?.close()
  inTheWay?.close()
  if (root === undefined) return
  await dev('reset --yes')
  rmSync(root, { recursive: true, force: true })
}, 120_000)

function inspectPort(container: string, target: number): number {
  const said = execFileSync('docker', ['port', container, `${target}/tcp`], { encoding: 'utf8' })
  return Number(said.trim().split('\n')[0]?.split(':').at(-1))
}

test('one command brings everything up, and says how long each step took and where everything is', () => {
  expect(up.code).toBe(0)
  for (const step of ['secrets', 'ports', 'images', 'build', 'start', 'healthy', 'first page'])
    expect(up.stdout).toMatch(new RegExp(`^${step} +[\\d.]+s`, 'm'))
  expect(up.stdout).toMatch(/3000 is taken: web is at 30\d\d/)
  expect(up.stdout).toContain(`https://localhost:${ports.https}`)
  expect(up.stdout).toMatch(/up after [\d.ms]+/)
})

test('a second time changes nothing, ports stay where they are, and a third meanwhile is told who is at it', async () => {
  const before = services.map((service) =>
    execFileSync('docker', ['inspect', '-f', '{{.Id}}', containerOf(service)], { encoding: 'utf8' }),
  )
  const running = dev('up --standins')
  const lock = join(stateDir('compose'), `${name}.lock`)
  await expect.poll(() => existsSync(lock), { timeout: 60_000, interval: 20 }).toBe(true)
  const { pid } = JSON.parse(readFileSync(lock, 'utf8'))
  const third = await dev('up --standins')
  expect(third.stderr).toMatch(
    new RegExp(`agentlab-dev-test is locked: \\S+ runs dev.ts up since 20\\S+Z \\(process ${pid}\\)`),
  )
  expect(third.code).toBe(1)
  const again = await running
  console.log(again.stdout, again.stderr)
  expect(again.code).toBe(0)
  expect(existsSync(lock)).toBe(false)
  const after = services.map((service) =>
    execFileSync('docker', ['inspect', '-f', '{{.Id}}', containerOf(service)], { encoding: 'utf8' }),
  )
  expect(after).toEqual(before)
  expect(inspectPort(containerOf('web'), 3000)).toBe(ports.web)
})

describe.each(services)('%s, as it runs', (service) => {
  test('has no rights, and limits', () => expectHardened(containerOf(service)))

  test('answers its health check within five seconds', () => expectQuick(containerOf(service)))

  test('cannot write into its own root', async () => {
    const { ok } = await inside(containerOf(service), 'sh', '-c', ': > /written')
    expect(ok).toBe(false)
  })
})

test('each reaches what it must, and no more', async () => {
  const said = await tiers.run({
    ask: () => Promise.reject(new Error('not asked')),
    inside: (service, words) => inside(containerOf(service), ...words),
  })
  expect(said).toBe('each reaches what it must, and no more')
})

test('the database has pgvector and what was sown; Redis keeps less than 512 MB', async () => {
  const query = "select extname from pg_extension where extname = 'vector'"
  const { text } = await inside(containerOf('postgres'), 'psql', '-U', 'postgres', '-d', 'app', '-Atc', query)
  expect(text).toBe('vector')
  expect(inspected(containerOf('redis')).HostConfig.Memory).toBeLessThan(512 * 1024 * 1024)
})

test('no secret is in the environment of a container, nor in what it was started with', () => {
  const folder = join(root, 'compose/secrets/dev')
  const secrets = ['postgres_password', 'postgres_superuser_password', 'redis_password'].map((each) =>
    readFileSync(join(folder, each), 'utf8').trim(),
  )
  for (const service of services) {
    const said = JSON.stringify(inspected(containerOf(service)))
    const running = spawnSync('docker', ['top', containerOf(service), '-eo', 'args'], {
      encoding: 'utf8',
    }).stdout
    for (const secret of secrets) expect(secret.length > 20 && (said + running).includes(secret)).toBe(false)
  }
})

describe('in a browser', () => {
  let page: Page

  beforeAll(async () => {
    page = await browser.newPage({ ignoreHTTPSErrors: true })
    await page.goto(`https://localhost:${ports.https}/?q=harbour`)
  })

  test('the page finds what it was asked for', async () => {
    expect(await page.getByTestId('result').first().innerText()).toMatch(/\w+/)
  })

  test('an edit of the page shows without a reload of ours', async () => {
    const file = join(root, 'docker/web/app/page.tsx')
    const text = readFileSync(file, 'utf8')
    const started = performance.now()
    writeFileSync(file, text.replace('<h1>AgentLab</h1>', '<h1>AgentLab, edited</h1>'))
    await page.getByText('AgentLab, edited').waitFor({ timeout: 60_000 })
    console.log(`an edit of the page showed after ${((performance.now() - started) / 1000).toFixed(1)} s`)
  })

  test('an edit of the api shows in its next answer', async () => {
    const file = join(root, 'docker/api/app/health.py')
    const text = readFileSync(file, 'utf8')
    const started = performance.now()
    writeFileSync(file, text.replace('"service": "api"', '"service": "api, edited"'))
    await expect
      .poll(
        async () => {
          const answer = await page.request
            .get(`https://localhost:${ports.https}/api/version`)
            .catch(() => undefined)
          return answer?.ok() ? (await answer.json()).service : undefined
        },
        { timeout: 60_000, interval: 50 },
      )
      .toBe('api, edited')
    console.log(`an edit of the api showed after ${((performance.now() - started) / 1000).toFixed(1)} s`)
  })
})

test('down keeps the data', async () => {
  const psql = ['psql', '-U', 'postgres', '-d', 'app', '-Atc']
  await inside(containerOf('postgres'), ...psql, 'create table kept (x int)')
  expect((await dev('down')).code).toBe(0)
  expect((await dev('up --standins')).code).toBe(0)
  expect((await inside(containerOf('postgres'), ...psql, 'select count(*) from kept')).text).toBe('0')
})
