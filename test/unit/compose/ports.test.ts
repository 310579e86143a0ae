import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { choosePorts, isFree } from '../../../lib/compose/ports.ts'
import { isEnough } from '../../../lib/compose/tool.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Takes a port that is free, or a given one. */
function take(port = 0): Promise<number> {
  const server = createServer()
  servers.push(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

const wanted = (variable: string, port: number) => ({ variable, service: variable, target: 1, port })
const numbers = async (ports: Parameters<typeof choosePorts>[0], held: Record<string, number> = {}) =>
  (await choosePorts(ports, ({ variable }) => held[variable], '127.0.0.1')).map(({ chosen }) => chosen)

test('a port that is free stays, and one that is taken moves to the next that is free', async () => {
  const taken = await take()
  const free = taken + 1
  // Another program may have it meanwhile: then the test would say nothing.
  expect(await isFree(free, '127.0.0.1')).toBe(true)
  expect(await isFree(taken, '127.0.0.1')).toBe(false)
  expect(await numbers([wanted('A', taken)])).toEqual([free])
  expect(await numbers([wanted('A', free)])).toEqual([free])
})

test('two do not get the same one', async () => {
  const taken = await take()
  const [first, second] = await numbers([wanted('A', taken), wanted('B', taken)])
  expect(first).toBeGreaterThan(taken)
  expect(second).toBeGreaterThan(first as number)
})

test('what the stack itself holds stays where it is', async () => {
  const own = await take()
  expect(await numbers([wanted('A', 3000), wanted('B', own)], { A: own })).toEqual([own, own + 1])
})

test.each([
  ['2.20.0', true],
  ['2.26.1', true],
  ['5.0.1', true],
  ['2.19.9', false],
  ['1.29.2', false],
])('Compose %s is new enough: %s', (version, enough) => {
  expect(isEnough(version)).toBe(enough)
})
