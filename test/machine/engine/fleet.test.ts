import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { directory, file, type Resource, resource, unchanged, unknown } from '../../../lib/resource/index.ts'
import { raw, sh } from '../../../lib/script/index.ts'
import { fleetOf, roleOf } from '../../unit/engine/fleets.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quayside-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('what differs is changed, a second run changes nothing and costs two round trips for all plays', async () => {
  const plays = [
    { hosts: 'all', roles: [roleOf('one', () => [file(join(dir, 'a'), { content: 'a\n' })])] },
    { hosts: 'all', roles: [roleOf('two', () => [file(join(dir, 'b'), { content: 'b\n' })])] },
  ]
  const { fleet: first } = fleetOf(['h1'])
  await first.converge(plays)
  await first.close()
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('a\n')
  expect(first.tallies).toMatchObject([{ changed: 2, unchanged: 0, state: 'ok' }])

  const { fleet: second, connections } = fleetOf(['h1'])
  await second.converge(plays)
  await second.close()
  expect(second.tallies).toMatchObject([{ changed: 0, unchanged: 2, state: 'ok' }])
  expect(connections[0]?.trips).toBe(2)
})

test('check mode tells what would change, and changes nothing', async () => {
  const { fleet, outcomes } = fleetOf(['h1'], { check: true })
  await fleet.converge([
    { hosts: 'all', roles: [roleOf('one', () => [file(join(dir, 'a'), { content: 'a\n' })])] },
  ])
  await fleet.close()
  expect(outcomes()).toEqual([`h1 file ${dir}/a pending`])
  expect(existsSync(join(dir, 'a'))).toBe(false)
})

/** There once its prerequisite is: cannot be told before. */
const hanging = (path: string): Resource =>
  resource({
    id: 'hanging',
    probe: sh`[ -e ${path} ] && echo there; :`,
    read: ({ stdout }) => stdout.includes('there'),
    plan: (there) => (there ? unchanged : unknown('its prerequisite is missing')),
  })

test('unknown is shown when it hangs on a pending change, and is a failure when nothing will bring it about', async () => {
  const path = join(dir, 'a')
  const both = roleOf('one', () => [file(path, { content: '' }), hanging(path)])
  const checked = fleetOf(['h1'], { check: true })
  await checked.fleet.converge([{ hosts: 'all', roles: [both] }])
  expect(checked.outcomes()).toEqual([`h1 file ${path} pending`, 'h1 hanging unknown'])

  const applied = fleetOf(['h1'])
  await applied.fleet.converge([{ hosts: 'all', roles: [both] }])
  expect(applied.outcomes()).toEqual([`h1 file ${path} changed`, 'h1 hanging unchanged'])

  const { fleet: alone } = fleetOf(['h1'], { check: true })
  await alone.converge([{ hosts: 'all', roles: [roleOf('one', () => [hanging(join(dir, 'never'))])] }])
  expect(alone.tallies).toMatchObject([{ state: 'failed' }])
  await Promise.all([checked.fleet.close(), applied.fleet.close(), alone.close()])
})

test('a change that lacks something is promised where a pending one will bring it, and is else a failure of both runs', async () => {
  const inside = file(join(dir, 'late', 'a'), { content: 'a\n' })
  const alone = [{ hosts: 'all', roles: [roleOf('one', () => [inside])] }]
  const missing = `h1: file ${dir}/late/a: the directory ${dir}/late is not there`
  for (const check of [true, false]) {
    const { fleet, failures } = fleetOf(['h1'], { check })
    await fleet.converge(alone)
    await fleet.close()
    expect(failures()).toEqual([expect.stringContaining(missing)])
  }
  const both = [{ hosts: 'all', roles: [roleOf('one', () => [directory(join(dir, 'late')), inside])] }]
  const said = []
  for (const check of [true, false]) {
    const { fleet, events } = fleetOf(['h1'], { check })
    await fleet.converge(both)
    await fleet.close()
    expect(events.filter(({ type }) => type === 'mispredicted' || type === 'host-failed')).toEqual([])
    said.push(
      events.flatMap((event) =>
        event.type === 'resource'
          ? [{ outcome: event.outcome, summary: event.summary, diff: event.diff }]
          : [],
      ),
    )
  }
  const created = { summary: 'create (mode 0644)', diff: '+a' }
  expect(said.map((each) => each[1])).toEqual([
    { outcome: 'pending', ...created },
    { outcome: 'changed', ...created },
  ])
})

test('a plan rests on a fresh look: what an earlier change altered is probed again', async () => {
  const path = join(dir, 'shared')
  const follower = resource({
    id: 'follower',
    probe: sh`cat ${path} 2>/dev/null; :`,
    read: ({ stdout }) => stdout,
    plan: (seen) =>
      seen === 'done'
        ? unchanged
        : { kind: 'change', summary: `saw ${seen}`, apply: sh`printf done > ${path}` },
  })
  const { fleet, events } = fleetOf(['h1'])
  await fleet.converge([
    { hosts: 'all', roles: [roleOf('one', () => [file(path, { content: 'new' }), follower])] },
  ])
  await fleet.close()
  const summaries = events.flatMap((event) => (event.type === 'resource' ? [event.summary] : []))
  expect(summaries[1]).toBe('saw new')
})

test('a resource that still differs after its change is reported as broken', async () => {
  const never = resource({
    id: 'never',
    probe: raw(':'),
    read: () => undefined,
    plan: () => ({ kind: 'change' as const, summary: 'try', apply: raw(':') }),
  })
  const { fleet, failures } = fleetOf(['h1'])
  await fleet.converge([{ hosts: 'all', roles: [roleOf('one', () => [never])] }])
  await fleet.close()
  expect(fleet.tallies).toMatchObject([{ state: 'failed' }])
  expect(failures()[0]).toContain('still is not as it should be')
})

test('a host that fails or is away is left out, and the others go on', async () => {
  writeFileSync(join(dir, 'blocked'), '')
  const first = roleOf('first', (host) =>
    host === 'bad' ? [file(join(dir, 'blocked', 'x'), { content: '' })] : [],
  )
  const second = roleOf('second', (host) => [file(join(dir, host), { content: '' })])
  const { fleet } = fleetOf(['good', 'bad', 'away'], { unreachable: 'away' })
  await fleet.converge([
    { hosts: 'all', roles: [first] },
    { hosts: 'all', roles: [second] },
  ])
  await fleet.close()
  expect(fleet.tallies).toMatchObject([
    { host: 'good', state: 'ok', changed: 1 },
    { host: 'bad', state: 'failed' },
    { host: 'away', state: 'unreachable' },
  ])
  expect(existsSync(join(dir, 'bad'))).toBe(false)
  expect(() => fleet.demand('cannot go on')).toThrow('cannot go on: bad (failed), away (unreachable)')
})

test('a resource named twice, and a handler that no role has, are errors before anything is changed', async () => {
  const twice = roleOf('one', () => [
    file(join(dir, 'a'), { content: '' }),
    file(join(dir, 'a'), { content: 'b' }),
  ])
  const { fleet } = fleetOf(['h1'])
  await expect(fleet.converge([{ hosts: 'all', roles: [twice] }])).rejects.toThrow('stands twice')
  const orphan = roleOf('one', () => [file(join(dir, 'a'), { content: '', notify: 'restart nothing' })])
  await expect(fleet.converge([{ hosts: 'all', roles: [orphan] }])).rejects.toThrow('no such handler')
  expect(existsSync(join(dir, 'a'))).toBe(false)
  await fleet.close()
})
