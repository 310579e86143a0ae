import { expect, test } from 'vitest'
import { Steps } from '../../../../lib/backup/drill/steps.ts'
import { ConnectionError } from '../../../../lib/connection/index.ts'
import type { Event } from '../../../../lib/engine/event.ts'
import { QuaysideError } from '../../../../lib/error.ts'

function begin() {
  const events: Event[] = []
  const abort = new AbortController()
  return { events, abort, steps: new Steps((event) => void events.push(event), abort.signal) }
}

const outcomes = (steps: Steps) => steps.records.map(({ id, outcome }) => `${id} ${outcome}`)

test('each step has its verdict; a proof that fails keeps none of the others from being asked', async () => {
  const { steps } = begin()
  await steps.run('a', 'a holds', async () => ({ text: 'yes' }))
  await steps.run('b', 'b holds', async () => ({ text: '1 of 2', problems: ['the other one'] }))
  await steps.run('c', 'c holds', async () => ({ text: 'none there', skipped: true }))
  expect(outcomes(steps)).toEqual(['a ok', 'b failed', 'c skipped'])
  expect(steps.ok).toBe(false)
})

test('what a backup has nothing of is no failure', async () => {
  const { steps } = begin()
  await steps.run('a', 'a holds', async () => ({ text: 'none there', skipped: true }))
  expect(steps.ok).toBe(true)
})

test('after a gate nothing is run, and all of it is said not to have been', async () => {
  const { steps } = begin()
  const fails = async () => {
    throw new QuaysideError('the object is gone', { hint: 'take another' })
  }
  await steps.run('a', 'a is there', fails, { gate: true })
  let ran = false
  await steps.run('b', 'b holds', async () => {
    ran = true
    return { text: '' }
  })
  expect([ran, outcomes(steps), steps.ok]).toEqual([false, ['a failed', 'b not-run'], false])
  expect(steps.records[0]?.problems).toEqual(['the object is gone (take another)'])
})

test('a host that is lost, or a person who stops it, is no verdict on the backup', async () => {
  const { steps, abort } = begin()
  const lost = async () => {
    throw new ConnectionError('app-2', 'the network is down')
  }
  await expect(steps.run('a', 'a holds', lost)).rejects.toThrow('the network is down')
  const stopped = async () => {
    abort.abort(new Error('stopped'))
    throw new QuaysideError('cut off')
  }
  await expect(steps.run('b', 'b holds', stopped)).rejects.toThrow('cut off')
  await expect(steps.run('c', 'c holds', async () => ({ text: '' }))).rejects.toThrow('stopped')
  expect(steps.records).toEqual([])
})

test('a hundred problems are kept, ten are told', async () => {
  const { steps, events } = begin()
  const problems = Array.from({ length: 250 }, (_, at) => `row ${at}`)
  await steps.run('a', 'a holds', async () => ({ text: 'no', problems }))
  expect(steps.records[0]?.problems).toHaveLength(100)
  expect(events.filter(({ type }) => type === 'note')).toHaveLength(11)
})
