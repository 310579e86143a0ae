import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, expect, test } from 'vitest'
import { root } from '../argv.ts'
import { type Outcome, playbook } from '../lab/playbook.ts'
import { ask } from '../lab/traffic.ts'
import { deploy, runningTasks, servedRelease, swarmFront } from './stack.ts'

const run = (name: string, ...words: readonly string[]): Promise<Outcome> =>
  playbook(name, ['--env', 'lab-swarm', ...words])

let good: string

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
  good = await servedRelease()
}, 900_000)

/** The data of what a playbook was asked, by --json. */
async function told(name: string, ...words: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, output } = await run(name, ...words, '--json')
  expect(code, output).toBe(0)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return events.find(({ type }) => type === 'result').data
}

/** What of the data is not as the published schema says. */
function statusFaults(data: unknown): readonly unknown[] {
  const ajv = new Ajv2020({ strict: true })
  ajv.addSchema(JSON.parse(readFileSync(join(root, 'docs/schemas/events.schema.json'), 'utf8')))
  const valid = ajv.compile({ $ref: 'urn:quayside:events:1#/$defs/result-swarm-status' })
  return valid(data) ? [] : (valid.errors ?? [])
}

const apis = () => runningTasks().filter((line) => line.includes(' agentlab_api.')).length

test('services are scaled and followed; status says what runs where, as its schema has it', async () => {
  const scaled = await run('scale', 'api=3')
  expect(scaled.code, scaled.output).toBe(0)
  expect(apis()).toBe(3)

  const status = await told('status')
  expect(statusFaults(status)).toEqual([])
  expect(status.nodes).toContainEqual(expect.objectContaining({ node: 'swarm-1', state: 'ready' }))
  expect(status.services).toContainEqual(
    expect.objectContaining({ service: 'api', running: 3, wanted: 3, verdict: 'converged' }),
  )
  expect((status.history as unknown[]).at(-1)).toMatchObject({ kind: 'scale', id: good })
})

test('a rollback to what is not in the history is refused, with what is', async () => {
  const before = runningTasks()
  const { code, stderr } = await run('rollback', '--to', 'never-was')
  expect(code, stderr).toBe(2)
  expect(stderr).toContain('release never-was is not in the history')
  expect(stderr).toContain(good)
  expect(runningTasks()).toEqual(before)
})

test('closed for maintenance, every edge answers 503 and says when to come back; then all serve again', async () => {
  const { ports, ca } = swarmFront()
  const answers = () =>
    Promise.all(ports.map(async (port) => (await ask(false, port, 'GET', '/api/version', ca)).status))
  const closed = await run('maintenance', 'on')
  expect(closed.code, closed.output).toBe(0)
  try {
    expect(await answers()).toEqual(ports.map(() => 503))
  } finally {
    const open = await run('maintenance', 'off')
    expect(open.code, open.output).toBe(0)
  }
  expect(await answers()).toEqual(ports.map(() => 200))
})

test('a command runs in a container of a service, wherever that is; its output and its code are the command’s', async () => {
  const version = await run('exec', 'api', '--', 'sh', '-c', 'echo "release $RELEASE"; exit 7')
  expect(version.code, version.output).toBe(7)
  expect(version.stdout).toContain(`release ${good}\n`)
  const ping = await run('exec', 'postgres', '--', 'psql', '-U', 'postgres', '-Atc', 'select 40 + 2')
  expect(ping.stdout, ping.output).toMatch(/^42$/m)
})

test('logs are of services, whatever their tasks are called', async () => {
  const id = `operate-${Date.now()}`
  const { ports, ca } = swarmFront()
  await ask(false, ports[0] ?? 0, 'GET', `/api/${id}`, ca)
  const { entries } = (await told('logs', 'api', 'nginx', '--since', '2m', '--grep', id)) as {
    entries: { container: string; message: string }[]
  }
  const services = new Set(entries.map(({ container }) => /_(\w+)\./.exec(container)?.[1]))
  expect(services).toEqual(new Set(['api', 'nginx']))
})

// A machine that does four nodes' work at once is late now and then: what is wrong is wrong again.
test('every service is well, through every layer', { retry: 2 }, async () => {
  const { code, output, stdout } = await run('health')
  expect(code, output).toBe(0)
  for (const line of [
    /swarm +state +ok +4 nodes, 3 of 3 managers have a say/,
    /postgres +query +ok +it answers/,
    /redis +query +ok +it answers/,
    /nginx +tls +ok/,
    /web +https +ok/,
  ])
    expect(stdout).toMatch(line)
})
