import { expect, test } from 'vitest'
import { Once } from '../../../lib/engine/once.ts'
import { Throttle } from '../../../lib/engine/throttle.ts'

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 5))

test('the first host does it, the others wait for it and do not', async () => {
  const once = new Once(['a', 'b', 'c'])
  const log: string[] = []
  const work = (host: string) => async () => {
    log.push(`${host} begins`)
    await soon()
    log.push(`${host} ends`)
  }
  const others = [once.share('x', 'b', work('b')), once.share('x', 'c', work('c'))]
  await soon()
  expect(log).toEqual([])
  expect(await once.share('x', 'a', work('a'))).toBe('a')
  expect(await Promise.all(others)).toEqual(['a', 'a'])
  expect(log).toEqual(['a begins', 'a ends'])
})

test('where the first has failed or never comes, the next one does it', async () => {
  const once = new Once(['a', 'b', 'c'])
  const did: string[] = []
  const waiting = ['c', 'b'].map((host) => once.share('x', host, async () => void did.push(host)))
  await expect(
    once.share('x', 'a', async () => {
      throw new Error('a broke')
    }),
  ).rejects.toThrow('a broke')
  once.leave('a')
  expect(await Promise.all(waiting)).toEqual(['b', 'b'])
  expect(did).toEqual(['b'])
})

test('each resource is done once, and remembered after its host has left', async () => {
  const once = new Once(['a', 'b'])
  await once.share('x', 'a', async () => {})
  once.leave('a')
  expect(await once.share('x', 'b', async () => {})).toBe('a')
  expect(await once.share('y', 'b', async () => {})).toBe('b')
})

test('a throttle lets so many through at a time, by name, and goes on after a failure', async () => {
  const throttle = new Throttle()
  let [inside, most, done] = [0, 0, 0]
  const work = async () => {
    inside += 1
    most = Math.max(most, inside)
    await soon()
    inside -= 1
    done += 1
    if (done === 2) throw new Error('one of them')
  }
  const all = await Promise.allSettled(Array.from({ length: 7 }, () => throttle.pass('x', 2, work)))
  expect([most, done, all.filter(({ status }) => status === 'rejected').length]).toEqual([2, 7, 1])
  await Promise.all([throttle.pass('x', 1, work), throttle.pass('y', 1, work)])
  expect(most).toBe(2)
})
