import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveRelease } from './live.ts'
import { inLab } from './playbook.ts'
import { deriveRelease } from './release.ts'
import { ask, edgePorts, labCa, openSockets, startTraffic } from './traffic.ts'

const ca = labCa()

/** Answers of each edge to one request on a fresh connection. */
const eachEdge = (path: string) => Promise.all(edgePorts.map((port) => ask(false, port, 'GET', path, ca)))

describe('what the first deploy left', () => {
  test('both edges serve the page over HTTPS, through web and api', async () => {
    for (const answer of await eachEdge('/')) {
      expect(answer.status).toBe(200)
      expect(answer.body).toContain('data-testid="result"')
    }
  })

  test('a vector search is answered by pgvector, and again by Redis', async () => {
    const path = `/api/search?q=${Date.now()}`
    const first = JSON.parse((await ask(false, 8441, 'GET', path, ca)).body)
    const second = JSON.parse((await ask(false, 8442, 'GET', path, ca)).body)
    expect(first).toMatchObject({ source: 'pgvector', cached: false })
    expect(first.results.length).toBeGreaterThan(0)
    expect(second).toMatchObject({ source: 'redis', cached: true, results: first.results })
  })

  test('the api has a key to sign with: who is not signed in is told so', async () => {
    for (const answer of await eachEdge('/api/me')) expect(answer.status).toBe(401)
  })

  test('deployed again, it finds nothing to do', async () => {
    const { code, stdout } = await inLab('deploy')
    expect(stdout).toContain('nothing to deploy')
    expect(stdout).not.toMatch(/^ {2}\S+ +changed /m)
    expect(code).toBe(0)
  })

  test('status tells which release each edge serves', async () => {
    const { code, stdout } = await inLab('status')
    const release = await liveRelease()
    expect(code).toBe(0)
    for (const edge of ['edge-1', 'edge-2'])
      expect(stdout).toMatch(new RegExp(`^${edge} +(blue|green) +api ${release}, web ${release}`, 'm'))
  })

  test('status --json tells a program, in the words of the published schema', async () => {
    const { code, stdout, output } = await inLab('status', ['--json'])
    expect(code, output).toBe(0)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { data } = events.find(({ type }) => type === 'result')
    const schema = JSON.parse(
      readFileSync(new URL('../../docs/schemas/events.schema.json', import.meta.url), 'utf8'),
    )
    const validate = new Ajv2020().addSchema(schema).compile({
      $ref: 'urn:quayside:events:1#/$defs/result-status',
    })
    expect(validate(data), JSON.stringify(validate.errors)).toBe(true)
    const release = await liveRelease()
    expect(data.edges).toMatchObject(
      ['edge-1', 'edge-2'].map((host) => ({
        host,
        unfinished: false,
        apps: ['api', 'web'].map((app) => ({ app, status: 200, release })),
      })),
    )
    expect(data.history.at(-1)).toMatchObject({ id: release })
  })
})

describe('two more releases, while clients keep asking', () => {
  let first: string
  const [older, newer] = [`older-${Date.now()}`, `newer-${Date.now()}`]

  beforeAll(async () => {
    first = await liveRelease()
    const built = `built-${Date.now()}`
    const { code, output } = await inLab('build', ['--release', built])
    expect(code, output).toBe(0)
    for (const name of [older, newer])
      await deriveRelease(built, name, '', `USER 0\n${withFile(name)}\nUSER 10001:10001\n`)
  })

  afterAll(async () => {
    await inLab('deploy')
  })

  test('loses no request of 5,000 and cuts no WebSocket before the grace ends', async () => {
    await movesTo(older, first, 5_000, () => inLab('deploy', ['--release', older]))
  })

  test('a page that was loaded before a flip still finds its files after it', async () => {
    const { code, output } = await inLab('deploy', ['--release', newer])
    expect(code, output).toBe(0)
    for (const name of [older, newer])
      for (const answer of await eachEdge(`/_next/static/${name}.txt`))
        expect([answer.status, answer.body]).toEqual([200, `${name}\n`])
    for (const answer of await eachEdge('/_next/static/nobody.txt')) expect(answer.status).toBe(404)
  })

  test('rolled back to the first, which is no longer warm: it is started anew from the history', async () => {
    const foretold = await inLab('rollback', ['--to', first, '--check'])
    expect([foretold.code, foretold.stdout]).toEqual([
      0,
      expect.stringContaining(`would go back to ${first}`),
    ])
    expect(await liveRelease()).toBe(newer)

    const { code, stdout, output } = await inLab('rollback', ['--to', first])
    expect(code, output).toBe(0)
    expect(stdout).toContain(`${first} is not warm: starting it as`)
    expect(await liveRelease()).toBe(first)

    const unknown = await inLab('rollback', ['--to', 'never-deployed'])
    expect(unknown.code, unknown.output).toBe(2)
    expect(unknown.stderr).toMatch(/release never-deployed is not in the history[\s\S]*newer-/)
  })

  test('rolled back to one that is warm, the same as a deploy, in seconds', async () => {
    const outcome = await movesTo(newer, first, 2_000, () => inLab('rollback'))
    console.log(`rollback: ${outcome.said('flipped')?.toFixed(0)} ms from command to flipped, under load`)
  })
})

const withFile = (name: string) => `RUN echo ${name} > /srv/.next/static/${name}.txt`

/** Runs a move from one release to another under so many requests at least, and holds it to what a deploy promises. */
async function movesTo(to: string, from: string, least: number, move: () => ReturnType<typeof inLab>) {
  const sockets = await openSockets(20)
  // Some 70 a second: what overloads a machine of two cores finds out what that does, and no longer whether a flip loses any.
  const traffic = startTraffic({ clients: 20, most: 60_000, pauseMs: 250 })
  const outcome = await move()
  for (let turn = 0; traffic.total() < least && turn < 300; turn += 1) await sleep(500)
  await traffic.stop()
  sockets.close()
  console.log(`${from} → ${to}: ${traffic.total()} requests, ${JSON.stringify([...traffic.answers])}`)
  console.log(outcome.stdout)

  expect(outcome.code, outcome.output).toBe(0)
  expect(traffic.failures).toEqual([])
  expect(traffic.total()).toBeGreaterThanOrEqual(least)
  expect([...traffic.answers.keys()].sort()).toEqual([`${from} 200`, `${to} 200`].sort())

  // The sockets stay with the release they were opened on, and every message was echoed until the drain cut them.
  expect(sockets.failures).toEqual([])
  expect([...sockets.echoes.keys()]).toEqual([from])
  expect(sockets.closed).toHaveLength(20)
  expect(outcome.stdout).toMatch(/drained \w+: .* 20 cut after 10s/)

  for (const path of ['/version', '/api/version'])
    for (const answer of await eachEdge(path)) expect([answer.status, answer.release]).toEqual([200, to])
  return outcome
}
