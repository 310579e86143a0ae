import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PlayError } from '../../../lib/engine/play-error.ts'
import {
  command,
  delegatedTo,
  file,
  type Resource,
  resource,
  retried,
  runOnce,
  tagged,
  throttled,
  timedOut,
  unchanged,
} from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { fleetOf, roleOf } from '../../unit/engine/fleets.ts'

let dir: string
const at = (...parts: string[]) => join(dir, ...parts)
const log = () => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8').split('\n').filter(Boolean) : [])

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quayside-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Notes in the log when it begins and ends on a host. */
const step = (host: string, name = 'step'): Resource =>
  command(name, {
    run: sh`echo ${`${host} begins`} >>${at('log')}; sleep 0.05; echo ${`${host} ends`} >>${at('log')}`,
  })
const broken = (name = 'broken'): Resource => command(name, { run: sh`echo 'it broke' >&2; false` })

test('serial: a batch is done with before the next one begins', async () => {
  const { fleet, events } = fleetOf(['a', 'b', 'c', 'd', 'e'])
  await fleet.converge([{ hosts: 'all', roles: [roleOf('one', (host) => [step(host)])], serial: [1, '40%'] }])
  await fleet.close()
  const batches = events.flatMap((event) => (event.type === 'play' ? [event.on] : []))
  expect(batches).toEqual([['a'], ['b', 'c'], ['d', 'e']])
  const place = (line: string) => log().indexOf(line)
  expect(Math.max(place('b begins'), place('c begins'))).toBeGreaterThan(place('a ends'))
  expect(Math.min(place('d begins'), place('e begins'))).toBeGreaterThan(
    Math.max(place('b ends'), place('c ends')),
  )
})

test('a play that stops leaves the rest of its hosts, and the plays after it, as they are', async () => {
  const { fleet, events } = fleetOf(['a', 'b', 'c', 'd'])
  const first = roleOf('first', (host) => [step(host), ...(host === 'b' ? [broken()] : [])])
  const second = roleOf('second', (host) => [file(at(`second-${host}`), { content: '' })])
  await fleet.converge([
    { hosts: 'all', roles: [first], serial: 2, maxFailPercentage: 40 },
    { hosts: 'all', roles: [second] },
  ])
  await fleet.close()
  expect(fleet.tallies.map(({ host, state }) => `${host} ${state}`)).toEqual([
    'a left-out',
    'b failed',
    'c left-out',
    'd left-out',
  ])
  expect(log().filter((line) => line.endsWith('begins'))).toHaveLength(2)
  expect(existsSync(at('second-a'))).toBe(false)
  const stopped = events.find((event) => event.type === 'play-stopped')
  expect(stopped).toMatchObject({ why: '1 of 2 hosts failed, more than 40 %', left: ['c', 'd'] })
})

test('any error is fatal: hosts under way stop after their resource', async () => {
  const { fleet } = fleetOf(['a', 'b'])
  const roles = [
    roleOf('one', (host) =>
      host === 'a' ? [broken()] : [command('slow', { run: sh`sleep 0.5` }), file(at('b'), { content: '' })],
    ),
  ]
  await fleet.converge([{ hosts: 'all', roles, anyErrorsFatal: true }])
  await fleet.close()
  expect(fleet.tallies).toMatchObject([{ state: 'failed' }, { state: 'left-out', changed: 1 }])
  expect(existsSync(at('b'))).toBe(false)
})

test('run once: one host does it, the others pass it over', async () => {
  const { fleet, outcomes } = fleetOf(['a', 'b', 'c'])
  const roles = [roleOf('one', (host) => runOnce(step(host, 'once')))]
  await fleet.converge([{ hosts: 'all', roles }])
  await fleet.close()
  expect(log()).toEqual(['a begins', 'a ends'])
  expect(
    outcomes()
      .filter((line) => line.includes('once'))
      .sort(),
  ).toEqual(['a command once changed', 'b command once skipped', 'c command once skipped'])
  expect(fleet.tallies.map(({ skipped }) => skipped)).toEqual([0, 1, 1])
})

test('run once passes to the next host when the first has failed before it', async () => {
  const { fleet, outcomes } = fleetOf(['a', 'b'])
  const roles = [
    roleOf('one', (host) => [...(host === 'a' ? [broken()] : []), ...runOnce(step(host, 'once'))]),
  ]
  await fleet.converge([{ hosts: 'all', roles }])
  await fleet.close()
  expect(outcomes()).toEqual(['b command once changed'])
})

test('delegated: it is done on the other host, and told of this one', async () => {
  const seen: string[] = []
  const { fleet, events } = fleetOf(['a', 'b'], {
    wrap: (connection) => ({
      ...connection,
      name: connection.name,
      get trips() {
        return connection.trips
      },
      run: (script, options) => {
        if (script.reveal().includes('delegated-work')) seen.push(connection.name)
        return connection.run(script, options)
      },
      close: () => connection.close(),
    }),
  })
  const roles = [
    roleOf('one', (host) =>
      host === 'a'
        ? delegatedTo('b', command('register', { run: sh`: delegated-work; touch ${at('registered')}` }))
        : [],
    ),
  ]
  await fleet.converge([{ hosts: 'all', roles }])
  await fleet.close()
  expect(existsSync(at('registered'))).toBe(true)
  expect(seen).toEqual(['b'])
  expect(events.find((event) => event.type === 'resource')).toMatchObject({ host: 'a', delegate: 'b' })
})

test('throttled: so many hosts at a time, though more are worked on', async () => {
  const { fleet } = fleetOf(['a', 'b', 'c', 'd'])
  await fleet.converge([{ hosts: 'all', roles: [roleOf('one', (host) => throttled(1, step(host)))] }])
  await fleet.close()
  const pairs = log().map((line) => line.split(' ')[0])
  expect(log()).toHaveLength(8)
  for (let index = 0; index < 8; index += 2) expect(pairs[index]).toBe(pairs[index + 1])
})

test('retried: tried again until it takes, and each try is told', async () => {
  const { fleet, events } = fleetOf(['a'])
  const third = command('third time', {
    run: sh`echo try >>${at('log')}; [ "$(wc -l <${at('log')})" -ge 3 ] && touch ${at('done')}`,
    creates: at('done'),
  })
  await fleet.converge([
    { hosts: 'all', roles: [roleOf('one', () => retried({ times: 4, delaySeconds: 0 }, third))] },
  ])
  await fleet.close()
  expect(fleet.tallies).toMatchObject([{ state: 'ok', changed: 1 }])
  expect(events.flatMap((event) => (event.type === 'retrying' ? [event.attempt] : []))).toEqual([1, 2])
})

test('retried: the last failure is the one that counts, after all tries', async () => {
  const { fleet, failures } = fleetOf(['a'])
  const never = command('never', { run: sh`echo try >>${at('log')}; false`, creates: at('done') })
  await fleet.converge([
    { hosts: 'all', roles: [roleOf('one', () => retried({ times: 3, delaySeconds: 0 }, never))] },
  ])
  await fleet.close()
  expect(log()).toHaveLength(3)
  expect(failures()).toEqual(['a: command never: run: ended with code 1'])
})

test('timed out: a change is cut off after its seconds, while the other host goes on', async () => {
  const { fleet, failures } = fleetOf(['a', 'b'])
  const roles = [
    roleOf('one', (host) =>
      host === 'a' ? timedOut(1, command('hangs', { run: sh`sleep 60` })) : [file(at('b'), { content: '' })],
    ),
  ]
  const started = performance.now()
  await fleet.converge([{ hosts: 'all', roles }])
  await fleet.close()
  expect(performance.now() - started).toBeLessThan(20_000)
  expect(fleet.tallies.map(({ state }) => state)).toEqual(['unreachable', 'ok'])
  expect(failures()[0]).toContain('no end after 1 s')
})

const play = (name: string, resources: (host: string) => readonly Resource[]) => ({
  hosts: 'all',
  roles: [roleOf(name, resources)],
})

test('block, rescue and always are try, catch and finally', async () => {
  const { fleet } = fleetOf(['a', 'b'])
  const upgrade = play('upgrade', (host) => (host === 'b' ? [broken()] : []))
  const putBack = play('put-back', (host) => [file(at(`back-${host}`), { content: '' })])
  const tidy = play('tidy', (host) => [file(at(`tidy-${host}`), { content: '' })])
  try {
    await fleet.play(upgrade)
  } catch (error) {
    if (!(error instanceof PlayError)) throw error
    expect(error.message).toBe('the play on all failed on b')
    await fleet.play(putBack, { on: error.failed })
  } finally {
    await fleet.play(tidy, { always: true })
  }
  await fleet.close()
  expect([existsSync(at('back-a')), existsSync(at('back-b'))]).toEqual([false, true])
  expect([existsSync(at('tidy-a')), existsSync(at('tidy-b'))]).toEqual([true, true])
  expect(fleet.tallies).toMatchObject([
    { host: 'a', state: 'ok', rescued: 0 },
    { host: 'b', state: 'ok', rescued: 1 },
  ])
})

test('always alone does not make a failed host well again', async () => {
  const { fleet } = fleetOf(['a'])
  const run = async () => {
    try {
      await fleet.play(play('breaks', () => [broken()]))
    } finally {
      await fleet.play(
        play('tidy', () => [file(at('tidy'), { content: '' })]),
        { always: true },
      )
    }
  }
  await expect(run()).rejects.toBeInstanceOf(PlayError)
  await fleet.close()
  expect(existsSync(at('tidy'))).toBe(true)
  expect(fleet.tallies).toMatchObject([{ state: 'failed', rescued: 0 }])
})

test('--tags, --skip-tags and --start-at choose resources; what is passed over is not even looked at', async () => {
  const roles = [
    roleOf(
      'web',
      () => [
        file(at('one'), { content: '' }),
        ...tagged('tls', file(at('two'), { content: '' })),
        file(at('three'), { content: '' }),
      ],
      ['tls'],
    ),
  ]
  const names = async (selection: NonNullable<Parameters<typeof fleetOf>[1]>['selection'] = {}) => {
    const { fleet, outcomes } = fleetOf(['a'], { check: true, selection })
    await fleet.converge([{ hosts: 'all', roles }])
    await fleet.close()
    return outcomes().map((line) => line.split('/').at(-1))
  }
  expect(await names()).toEqual(['one pending', 'two pending', 'three pending'])
  expect(await names({ filter: { tags: ['tls'], skip: [] } })).toEqual(['two pending'])
  expect(await names({ filter: { tags: [], skip: ['tls'] } })).toEqual(['one pending', 'three pending'])
  expect(await names({ startAt: '*two' })).toEqual(['two pending', 'three pending'])
  await expect(names({ startAt: 'file /nowhere' })).rejects.toThrow('no resource is called "file /nowhere"')
})

test('--limit leaves hosts out, and delegation and facts still reach them', async () => {
  const { fleet, outcomes } = fleetOf(['a', 'b'], { selection: { limit: new Set(['a']) } })
  await fleet.converge([play('one', (host) => delegatedTo('b', file(at(`by-${host}`), { content: '' })))])
  await fleet.close()
  expect(outcomes()).toEqual([`a file ${at('by-a')} changed`])
})

test('--step asks before each change: no passes it over, all asks no more on that host', async () => {
  const asked: string[] = []
  const answers = ['no', 'yes', 'all'] as const
  const { fleet, outcomes } = fleetOf(['a'], {
    confirm: async (host, id) => {
      asked.push(`${host} ${id.split('/').at(-1)}`)
      return answers[asked.length - 1] ?? 'no'
    },
  })
  const names = ['one', 'two', 'three', 'four']
  await fleet.converge([play('one', () => names.map((name) => file(at(name), { content: '' })))])
  await fleet.close()
  expect(asked).toEqual(['a one', 'a two', 'a three'])
  expect(outcomes().map((line) => line.split('/').at(-1))).toEqual([
    'one skipped',
    'two changed',
    'three changed',
    'four changed',
  ])
})

test('what comes otherwise than foreseen is told as a misprediction', async () => {
  const follower = resource({
    id: 'follower',
    probe: sh`[ -e ${at('a')} ] && echo there; :`,
    read: ({ stdout }) => stdout.includes('there'),
    plan: (there) =>
      there ? unchanged : { kind: 'change', summary: 'make it', apply: sh`touch ${at('a')}` },
  })
  const { fleet, events } = fleetOf(['h'])
  await fleet.converge([play('one', () => [file(at('a'), { content: '' }), follower])])
  await fleet.close()
  expect(events.filter((event) => event.type === 'mispredicted')).toEqual([
    { type: 'mispredicted', host: 'h', id: 'follower', predicted: 'change: make it', actual: 'unchanged' },
  ])
})

test('a lost connection is opened again for a look, and after a change its effect is looked for', async () => {
  let lost = 0
  const cut = (marker: string) => (text: string) => text.includes(marker) && lost++ === 0
  const { ConnectionError } = await import('../../../lib/connection/error.ts')
  const fleetLosing = (when: (text: string) => boolean, after: boolean) =>
    fleetOf(['h'], {
      wrap: (connection) => ({
        name: connection.name,
        trips: 0,
        close: () => connection.close(),
        start: (script, options) => connection.start(script, options),
        run: async (script, options) => {
          const losing = when(script.reveal())
          if (losing && !after) throw new ConnectionError('h', 'lost the connection', { reason: 'lost' })
          const result = await connection.run(script, options)
          if (losing) throw new ConnectionError('h', 'lost the connection', { reason: 'lost' })
          return result
        },
      }),
    })
  // In the first look:
  const looking = fleetLosing(cut('debts'), false)
  await looking.fleet.converge([play('one', () => [file(at('a'), { content: '' })])])
  await looking.fleet.close()
  expect(looking.fleet.tallies).toMatchObject([{ state: 'ok', changed: 1 }])
  expect(looking.events.filter((event) => event.type === 'note')).toHaveLength(1)

  // In the change, which was made all the same:
  lost = 0
  const made = fleetLosing(cut('mv -fT'), true)
  await made.fleet.converge([play('one', () => [file(at('b'), { content: '' })])])
  await made.fleet.close()
  expect(made.fleet.tallies).toMatchObject([{ state: 'ok', changed: 1 }])

  // In the change, before it was made: nothing is done twice.
  lost = 0
  const unmade = fleetLosing(cut('mv -fT'), false)
  await unmade.fleet.converge([play('one', () => [file(at('c'), { content: '' })])])
  await unmade.fleet.close()
  expect(unmade.fleet.tallies).toMatchObject([{ state: 'failed' }])
  expect(unmade.failures()[0]).toContain('looked at again it is not done: change: create')
  expect(existsSync(at('c'))).toBe(false)
})

test('facts of another host are fetched when a role asks for them', async () => {
  const { role } = await import('../../../lib/engine/role.ts')
  const asks = role({
    name: 'asks',
    about: 'asks',
    platforms: 'any',
    vars: { type: 'object', properties: {}, additionalProperties: false },
    resources: ({ host, factsOf }) =>
      host.name === 'a' ? [file(at('facts'), { content: factsOf('b').hostname })] : [],
  })
  const { fleet, connections } = fleetOf(['a', 'b'], { selection: { limit: new Set(['a']) } })
  await fleet.converge([{ hosts: 'all', roles: [asks] }])
  await fleet.close()
  expect(readFileSync(at('facts'), 'utf8')).not.toBe('')
  expect(connections).toHaveLength(2)
})
