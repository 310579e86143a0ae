import { expect, test } from 'vitest'
import { openConnection } from '../../../lib/connection/open.ts'
import { batch } from '../../../lib/engine/batch.ts'
import { raw, type Script } from '../../../lib/script/index.ts'
import { localTarget } from './local.ts'

async function run(scripts: readonly Script[], options: { gate?: boolean } = {}) {
  const connection = await openConnection(localTarget)
  try {
    const one = batch(scripts, options)
    const results = one.read(await connection.run(one.script))
    return { results, trips: connection.trips }
  } finally {
    await connection.close()
  }
}

test('many scripts travel in one round trip, and their outputs and codes are told apart', async () => {
  const { results, trips } = await run([
    raw('echo one; echo oops >&2'),
    raw('printf "no newline"; exit 3'),
    raw('cat'),
    raw('x=leaks'),
    raw('echo "[$x]"'),
  ])
  expect(trips).toBe(1)
  expect(results).toEqual([
    expect.objectContaining({ stdout: 'one\n', stderr: 'oops\n', code: 0 }),
    expect.objectContaining({ stdout: 'no newline', stderr: '', code: 3 }),
    expect.objectContaining({ stdout: '', code: 0 }),
    expect.objectContaining({ stdout: '', code: 0 }),
    expect.objectContaining({ stdout: '[]\n', code: 0 }),
  ])
})

test('a gate lets the rest run only after the first succeeded', async () => {
  expect((await run([raw('exit 4'), raw('echo ran')], { gate: true })).results).toHaveLength(1)
  expect((await run([raw('true'), raw('echo ran')], { gate: true })).results).toHaveLength(2)
})
