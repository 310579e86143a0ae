import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { driftOf, type PlannedStep, SavedPlan } from '../../../lib/engine/saved-plan.ts'
import { readPlan, writePlan } from '../../../lib/playbook/plan-file.ts'
import { command, file, lineInFile, type Resource } from '../../../lib/resource/index.ts'
import { raw, sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { fleetOf, roleOf } from '../engine/fleets.ts'

let dir: string
const at = (name: string) => join(dir, name)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quayside-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const plays = (...resources: Resource[]) => [{ hosts: 'all', roles: [roleOf('one', () => resources)] }]

async function foreseen(...resources: Resource[]): Promise<readonly PlannedStep[]> {
  const { fleet, events } = fleetOf(['h'])
  const steps = await fleet.foresee(plays(...resources))
  await fleet.close()
  expect(events.filter((event) => event.type === 'resource')).toEqual([])
  return steps
}

const secretFile = (value: string) => file(at('secret'), { content: new Secret(value) })

test('a plan of the same hosts is the same, and holds no secret', async () => {
  const resources = [file(at('a'), { content: 'a\n' }), secretFile('hunter2-hunter2')]
  const first = await foreseen(...resources)
  expect(driftOf(first, await foreseen(...resources))).toEqual([])
  expect(first.map(({ kind }) => kind)).toEqual(['change', 'change'])
  expect(JSON.stringify(first)).not.toMatch(/hunter2|aHVudGVyMi/)
})

test('a secret that stands on the host in plain text, or in a name, does not come into a plan', async () => {
  const hidden = 'swordfish-hunter3'
  new Secret(hidden)
  writeFileSync(at('old'), `user=app\npassword=${hidden}\n`)
  const resources = [
    file(at('old'), { content: 'user=app\n' }),
    lineInFile(at('old'), { line: 'password=none', match: '^password=' }),
    lineInFile(at('old'), { line: `again=${hidden}` }),
    command(`connect as ${hidden}`, { run: sh`true`, changedSummary: `by ${hidden}` }),
    lineInFile(at(hidden), { line: 'x' }),
  ]
  const steps = await foreseen(...resources)
  expect(steps.map(({ kind }) => kind)).toEqual(['change', 'change', 'change', 'change', 'unknown'])
  expect(steps[0]?.diff).toContain('-password=[secret]')
  for (const form of [
    hidden,
    Buffer.from(hidden).toString('base64').slice(1, -4),
    Buffer.from(hidden).toString('hex'),
  ])
    expect(JSON.stringify(steps)).not.toContain(form)
  expect(driftOf(steps, await foreseen(...resources))).toEqual([])
  const only = plays(resources[3] ?? secretFile(''))
  const { fleet, failures } = fleetOf(['h'], { plan: new SavedPlan(steps.slice(3, 4)) })
  await fleet.converge(only)
  await fleet.close()
  expect(failures()).toEqual([])
})

test('drift: what has changed on the host, in the inventory or in a secret is named', async () => {
  const before = await foreseen(file(at('a'), { content: 'a\n' }), secretFile('one-secret'))
  writeFileSync(at('a'), 'by hand\n')
  const now = await foreseen(file(at('a'), { content: 'a\n' }), secretFile('another-secret'))
  const drift = driftOf(before, now)
  expect(drift).toHaveLength(2)
  expect(drift[0]).toMatch(/^h: file .*a: planned change: create.*, now change: content changed/)
  expect(drift[1]).toMatch(/secret: planned change: create(.*), now change: create\1 in another way$/)
  writeFileSync(at('secret'), 'by hand', { mode: 0o600 })
  const over = await foreseen(secretFile('one-secret'))
  writeFileSync(at('secret'), 'by hand again')
  expect(driftOf(over, await foreseen(secretFile('one-secret')))[0]).toMatch(/ over something else$/)
  expect(driftOf(before, before.slice(1))[0]).toContain('now it is not there')
  expect(driftOf(before.slice(1), before)[0]).toContain('was not planned')
})

test('a saved plan is applied exactly: what it does not hold is refused before it is done', async () => {
  const unplanned = command('unplanned', { run: sh`touch ${at('unplanned')}` })
  const planned = file(at('a'), { content: 'a\n' })
  const { fleet, failures } = fleetOf(['h'], { plan: new SavedPlan(await foreseen(planned)) })
  await fleet.converge(plays(planned, unplanned))
  await fleet.close()
  expect(readFileSync(at('a'), 'utf8')).toBe('a\n')
  expect(failures()[0]).toContain('this is not what was planned: nothing, now change: run')
  expect(() => statSync(at('unplanned'))).toThrow()
})

test('the file is its owner’s alone, and one that was edited, or is of another run, is refused', async () => {
  const path = at('plan.json')
  const of = { playbook: 'site', env: 'lab' }
  const selection = { tags: ['redis'], skipTags: [], limit: 'db' }
  const steps = await foreseen(command('one', { run: raw(':') }))
  await writePlan(path, { ...of, made: '2026-01-01T00:00:00Z', selection, extraVars: [], steps })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await readPlan(path, of)).toMatchObject({ selection, steps })

  await expect(readPlan(path, { ...of, env: 'staging' })).rejects.toThrow('a plan of env lab, not of staging')
  writeFileSync(path, readFileSync(path, 'utf8').replace('"run"', '"rum"'))
  await expect(readPlan(path, of)).rejects.toThrow('was changed after it was made')
  writeFileSync(path, 'no json')
  await expect(readPlan(path, of)).rejects.toThrow('is no plan')
  await expect(readPlan(at('missing'), of)).rejects.toThrow('cannot be read')
})
