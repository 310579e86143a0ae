import { expect, test } from 'vitest'
import { ConnectionError } from '../../../lib/connection/error.ts'
import type { Event } from '../../../lib/engine/event.ts'
import { servedByHistory, servedNow } from '../../../lib/playbook/backup/served.ts'
import type { Run } from '../../../lib/playbook/index.ts'
import { host } from '../roles/context.ts'

const line = (id: string, at: string) =>
  JSON.stringify({
    id,
    at,
    images: { api: `r/api@sha256:${id}` },
    config: '0123456789ab',
    by: 'a',
    kind: 'deploy',
  })
const kept = (...lines: readonly string[]) => `${lines.join('\n')}\n\n--quayside-file--\n`
const [first, second] = [line('v1', '2026-11-01T10:00:00.000Z'), line('v2', '2026-11-02T10:00:00.000Z')]

/** A run on three managers, each of which answers with its history, or does not answer at all. */
function runOn(histories: Readonly<Record<string, string | undefined>>) {
  const notes: string[] = []
  const hosts = Object.keys(histories).map((name, index) => ({
    ...host(name, `10.0.0.${index + 1}`),
    groups: ['all', 'manager'],
  }))
  const answer = (name: string) => {
    const stdout = histories[name]
    if (stdout === undefined) throw new ConnectionError(name, 'connection refused')
    return { stdout, stderr: '', code: 0 }
  }
  const run = {
    inventory: { hosts },
    fleet: {
      session: async ({ name }: { name: string }) => answer(name),
      run: async (on: readonly { name: string }[]) => new Map(on.map(({ name }) => [name, answer(name)])),
    },
    emit: (event: Event) => {
      if (event.type === 'note') notes.push(event.text)
    },
  }
  return { run: run as unknown as Run, notes }
}

test('what a swarm serves is the last line of what its managers have kept, put together', async () => {
  const { run } = runOn({ one: kept(first), two: kept(first, second), three: undefined })
  expect(await servedNow(run)).toEqual({ id: 'v2', images: { api: 'r/api@sha256:v2' } })
  expect(await servedByHistory(run)).toEqual([
    {
      at: '2026-11-01T10:00:00.000Z',
      release: { id: 'v1', images: { api: 'r/api@sha256:v1' } },
      by: 'the history of the managers',
    },
    expect.objectContaining({ at: '2026-11-02T10:00:00.000Z' }),
  ])
})

test('nothing is known of a swarm without a deploy, and managers that cannot be asked are a note', async () => {
  expect(await servedNow(runOn({ one: kept() }).run)).toBe(undefined)
  const { run, notes } = runOn({ one: undefined, two: undefined, three: kept(first) })
  expect(await servedNow(run)).toBe(undefined)
  expect(notes.at(-1)).toContain('the managers cannot be asked which release is served: 1 of 3 managers')
})
