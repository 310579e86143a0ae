import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Outcome, playbook } from '../lab/playbook.ts'
import { deriveRelease } from '../lab/release.ts'
import { startTraffic } from '../lab/traffic.ts'
import { deploy, runningTasks, servedRelease, storedNames, swarmFront } from '../swarm/stack.ts'

const run = (name: string, ...words: readonly string[]): Promise<Outcome> =>
  playbook(name, ['--env', 'lab-swarm', ...words])
const apis = () => runningTasks().filter((line) => line.includes(' agentlab_api.')).length

let good: string

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
  good = await servedRelease()
}, 900_000)

afterAll(async () => {
  await deploy()
}, 900_000)

test('under clients a rollback brings the release before back, whatever was scaled since, and one forward again; no request is lost', async () => {
  const next = await deriveRelease(good, `rolled-${Date.now()}`)
  const traffic = startTraffic({ clients: 3, most: 40_000, pauseMs: 100 }, swarmFront())
  for (const [name, ...words] of [
    ['deploy', '--release', next],
    ['scale', 'api=3'],
  ] as const) {
    const { code, output } = await run(name, ...words)
    expect(code, output).toBe(0)
  }
  expect(apis()).toBe(3)
  const stored = storedNames()

  const back = await run('rollback')
  expect(back.code, back.output).toBe(0)
  expect(await servedRelease()).toBe(good)
  expect(apis()).toBe(2)
  expect(storedNames()).toEqual(stored)

  const forward = await run('rollback', '--to', next)
  expect(forward.code, forward.output).toBe(0)
  expect(await servedRelease()).toBe(next)
  await traffic.stop()
  expect(traffic.failures).toEqual([])
})
