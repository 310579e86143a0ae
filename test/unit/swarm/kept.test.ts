import { expect, test } from 'vitest'
import { ConnectionError } from '../../../lib/connection/error.ts'
import type { Fleet } from '../../../lib/engine/fleet.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { keptByAll } from '../../../lib/swarm/kept.ts'

const hosts = ['a', 'b', 'c'].map((name) => ({ name }) as Host)
const release = (id: string, at: string) =>
  JSON.stringify({ id, images: {}, config: `c0${id}`, at, by: 'anna@laptop', kind: 'deploy' })
const one = release('v1', '2026-11-01T10:00:00.000Z')
const two = release('v2', '2026-11-02T10:00:00.000Z')
const printed = (history: readonly string[], file: string) =>
  `${history.join('\n')}\n--quayside-file--\n${file}`

/** Managers that print these, and what was written to which of them. */
function managersThat(print: Readonly<Record<string, string | Error>>) {
  const written: string[] = []
  const run: Fleet['run'] = async (on, step) => {
    if (step !== 'read the history') {
      written.push(...on.map(({ name }) => name))
      return new Map()
    }
    const name = on[0]?.name ?? ''
    const said = print[name] ?? ''
    if (said instanceof Error) throw said
    return new Map([[name, { stdout: said, stderr: '', code: 0 }]])
  }
  return { fleet: { run }, written }
}

test('a manager that was away is not believed, and is told', async () => {
  const { fleet, written } = managersThat({
    a: printed([one], 'file of v1'),
    b: printed([one, two], 'file of v2'),
    c: printed([one, two], 'file of v2'),
  })
  const kept = await keptByAll(fleet, hosts)
  expect([kept.history.map(({ id }) => id), kept.file]).toEqual([['v1', 'v2'], 'file of v2'])
  expect(written).toEqual(['a'])
})

test('one whose file is lost is told, too; one that is away now is not asked for anything', async () => {
  const { fleet, written } = managersThat({
    a: new ConnectionError('a', 'gone'),
    b: printed([one, two], ''),
    c: printed([one, two], 'file of v2'),
  })
  expect((await keptByAll(fleet, hosts)).file).toBe('file of v2')
  expect(written).toEqual(['b'])
})

test('all alike: nothing is written; none yet: there is no release', async () => {
  const { fleet, written } = managersThat({})
  expect(await keptByAll(fleet, hosts)).toEqual({ history: [], file: '' })
  expect(written).toEqual([])
})

test('where none answers nothing is taken for granted', async () => {
  const gone = new ConnectionError('a', 'gone')
  await expect(keptByAll(managersThat({ a: gone, b: gone, c: gone }).fleet, hosts)).rejects.toThrow(
    'no manager tells what was deployed',
  )
})
