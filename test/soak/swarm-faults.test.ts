import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../lab/playbook.ts'
import { playbook } from '../lab/playbook.ts'
import { deriveRelease } from '../lab/release.ts'
import { deploy, servedRelease } from '../swarm/stack.ts'
import { backTo, renderedFor, setPaused, settled, stackDeploy } from './swarm-faults/by-hand.ts'
import { type Fault, faults } from './swarm-faults/faults.ts'
import type { Moment } from './swarm-faults/harm.ts'
import { startLoad } from './swarm-faults/load.ts'
import { asked, shell } from './swarm-faults/moment.ts'
import { type ByHand, noteByHand, noteFault } from './swarm-faults/page.ts'
import { inventoryWhere } from './swarm-faults/paused.ts'
import { secretsIn } from './swarm-faults/secrets.ts'
import { all, served, servedSoon } from './swarm-faults/served.ts'

const folders: string[] = []
/** for a node that comes back, and for what a swarm does by itself after a run was ended */
const patienceSeconds = 180

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
})

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

describe.each(faults)('$what', (fault) => {
  test('deploy.ts', async () => {
    const before = await servedRelease()
    const next = `${fault.tag}-${Date.now()}`
    await deriveRelease(before, next, fault.api ?? '')
    await fault.before?.()
    const load = await startLoad(fault.dies)
    const { outcome, moment, serves } = await failing(fault, before, next).finally(() => fault.after?.())
    const whole = await servedSoon(serves, patienceSeconds)
    const again = await deploy('--release', before)
    const afterwards = [await served(), await shell(asked, "docker stack ls --format '{{.Name}}'")]
    await load.stop()

    const right = { 'the old one': all(before), 'the new one': all(next) }[fault.serves]
    expect([outcome.code, serves], outcome.output).toEqual([fault.code, right])
    expect(outcome.output).toMatch(fault.says)
    expect(outcome.output).not.toMatch(/\n\s+at .*\.ts:\d+/)
    expect(secretsIn(outcome.output)).toEqual([])
    expect(whole).toBe(right)
    expect(again.code, again.output).toBe(0)
    expect(afterwards).toEqual([all(before), 'agentlab'])
    const failed = load.failed(moment, fault.crashes)
    noteFault({
      fault: fault.what,
      code: outcome.code,
      says: saidAtEnd(outcome),
      serves: fault.serves,
      requests: load.traffic.total(),
      failed: failed.length,
      gone: load.traffic.failures.length - failed.length,
    })
    expect(failed).toEqual([])
    expect(load.sockets.failures).toEqual([])
    expect(load.traffic.total()).toBeGreaterThan(200)
  })

  test.skipIf(!isForDocker(fault))('docker stack deploy', async () => {
    const before = await servedRelease()
    const detached = await byHand(fault, before, true)
    const waited = await byHand(fault, before, false)
    // The exit code of one that is told to wait for nothing says nothing of what comes.
    expect(detached.code, detached.output).toBe(0)
    noteByHand(fault, [detached, waited])
  })
})

/** Docker by hand runs no migration, and who ends it ends little. */
function isForDocker({ options, tag }: Fault): boolean {
  return options === undefined && tag !== 'bad-migration'
}

async function byHand(fault: Fault, before: string, detach: boolean): Promise<ByHand> {
  const { path, release } = await renderedFor(fault, before)
  const ended = new AbortController()
  await setPaused(fault.paused ?? [], true)
  await fault.before?.()
  try {
    const since = performance.now()
    const run = stackDeploy(path, detach)
    const harm = fault.during?.(ended.signal)
    const { code, output } = await run
    const state = await settled(since).finally(() => ended.abort())
    await harm
    const happened = `${await served(fault.dies)}; ${state}`
      .replaceAll(before, 'the old one')
      .replaceAll(release, 'the new one')
    console.log(`${fault.what}, --detach=${detach}: ${code}\n${output}\n${happened}`)
    return { code, output, happened }
  } finally {
    await fault.after?.()
    await setPaused(fault.paused ?? [], false)
    await backTo(before)
    expect(await servedSoon(all(before), patienceSeconds)).toBe(all(before))
  }
}

async function failing(
  fault: Fault,
  before: string,
  next: string,
): Promise<{ outcome: Outcome; moment: Moment | undefined; serves: string }> {
  const folder = inventoryWhere(fault.paused ?? [], fault.nowhere)
  folders.push(folder)
  const ended = new AbortController()
  const args = ['--env', 'lab-swarm', '--inventory', folder, '--release', next]
  const run = playbook('deploy', args, fault.options).finally(() => ended.abort())
  const [outcome, moment] = await Promise.all([run, fault.during?.(ended.signal)])
  // Of a run that was ended by force the swarm does the rest, or nothing is left to do.
  const right = fault.serves === 'the new one' ? all(next) : all(before)
  const seconds = outcome.code > 128 ? patienceSeconds : 0
  return { outcome, moment, serves: await servedSoon(right, seconds, fault.dies) }
}

function saidAtEnd({ stderr, stdout, code }: Outcome): string {
  if (code === 137) return '(killed: nothing)'
  const lines = (code === 0 ? stdout : stderr).split('\n').map((line) => line.trim())
  if (code === 0)
    return lines.find((line) => line.includes('is deployed: every service'))?.replace(/^• /, '') ?? ''
  const at = lines.findIndex((line) => /^(error|interrupted)/.test(line))
  const told = lines.slice(at).filter((line) => line !== '' && !line.startsWith('hint: '))
  // What failed, where, and its last word.
  return [...told.slice(0, 3), ...told.slice(3).slice(-1)].join('; ')
}
