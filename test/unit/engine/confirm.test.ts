import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConnectionError, InterruptedError } from '../../../lib/connection/error.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import { type Resource, resource, unchanged } from '../../../lib/resource/index.ts'
import { raw, type Script, sh } from '../../../lib/script/index.ts'
import { fleetOf, roleOf } from './fleets.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quayside-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const at = (name: string) => join(dir, name)

/** There for good once it is confirmed; each step notes the shell that it came through. */
function risky(parts: { apply?: Script; script?: Script; undo?: Script } = {}): Resource {
  const note = (name: string) => sh`echo $PPID >${at(name)}`
  return resource({
    id: 'risky',
    probe: sh`[ ! -e ${at('confirmed')} ] || echo yes`,
    read: ({ stdout }) => stdout !== '',
    plan: (there) =>
      there
        ? unchanged
        : {
            kind: 'change',
            summary: 'cut off the way',
            apply: parts.apply ?? note('applied'),
            confirm: {
              script: parts.script ?? note('confirmed'),
              undo: parts.undo ?? note('undone'),
              otherwise: 'the host takes it back itself',
            },
          },
  })
}

const read = (name: string) => readFileSync(at(name), 'utf8')

async function run(
  risk: Resource,
  second: () => void = () => {},
  options: Parameters<typeof fleetOf>[1] = {},
) {
  let opened = 0
  const made = fleetOf(['h1'], {
    connect: async (host) => {
      opened += 1
      if (opened === 2) second()
      return openConnection(host.target)
    },
    ...options,
  })
  const ended = made.fleet.converge([{ hosts: 'all', roles: [roleOf('one', () => [risk])] }])
  const error: unknown = await ended.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  await made.fleet.close()
  return { ...made, opened, error }
}

test('a change that could cut us off is confirmed over a second connection, and then looked at', async () => {
  const { outcomes, opened } = await run(risky())
  expect(outcomes()).toEqual(['h1 risky changed'])
  expect(opened).toBe(2)
  expect(read('confirmed')).not.toBe(read('applied'))
  expect(existsSync(at('undone'))).toBe(false)
})

test('no second connection: it is taken back over the first, and the resource has failed, not the host', async () => {
  const { fleet, failures } = await run(risky(), () => {
    throw new ConnectionError('h1', 'connection refused', { reason: 'refused' })
  })
  expect(failures()).toEqual([
    'h1: risky: cut off the way: no new connection could be had after it: h1: connection refused; the change was taken back',
  ])
  expect(fleet.tallies).toMatchObject([{ state: 'failed', changed: 0 }])
  expect(read('undone')).toBe(read('applied'))
  expect(existsSync(at('confirmed'))).toBe(false)
})

test('a host that does not agree, and cannot be told to take it back', async () => {
  const { failures } = await run(risky({ script: raw('echo too late >&2; exit 1'), undo: raw('exit 1') }))
  expect(failures()).toEqual([
    'h1: risky: cut off the way: it could not be confirmed; the host takes it back itself\n    too late',
  ])
})

test('a change that fails is not confirmed', async () => {
  const { failures, opened } = await run(risky({ apply: raw('exit 7') }))
  expect(failures()[0]).toContain('ended with code 7')
  expect(opened).toBe(1)
})

test('a connection that the change itself cut: the new one tells that all is well', async () => {
  const { outcomes, failures } = await run(
    risky({ apply: sh`touch ${at('applied')}; kill -9 $PPID; sleep 5` }),
  )
  expect(failures()).toEqual([])
  expect(outcomes()).toEqual(['h1 risky changed'])
})

test('a run that is interrupted before it could confirm takes the change back', async () => {
  const controller = new AbortController()
  const { error } = await run(
    risky(),
    () => {
      controller.abort()
      throw new InterruptedError('h1', 'interrupted while connecting')
    },
    { signal: controller.signal },
  )
  expect(error).toBeInstanceOf(InterruptedError)
  expect(read('undone')).toBe(read('applied'))
})

test('check mode opens no second connection', async () => {
  const { outcomes, opened } = await run(risky(), () => {}, { check: true })
  expect(outcomes()).toEqual(['h1 risky pending'])
  expect(opened).toBe(1)
})
