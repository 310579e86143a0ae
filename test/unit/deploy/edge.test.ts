import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openConnection } from '../../../lib/connection/index.ts'
import { ask, direct, parseAnswers } from '../../../lib/deploy/edge.ts'
import { localTarget } from '../engine/local.ts'

const server = createServer((request, response) => {
  response.writeHead(request.url === '/ok' ? 200 : 503, { 'X-Release': 'v2', 'X-Colour': 'green' })
  response.end(request.url === '/ok' ? 'fine\r\n\r\nindeed' : 'the crane is stuck')
})
let port: number

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())

test('questions are asked at once, and answered in order: status, headers, body, or why there is none', async () => {
  const connection = await openConnection(localTarget)
  const questions = [
    direct('ok', '127.0.0.1', port, '/ok'),
    direct('broken', '127.0.0.1', port, '/broken'),
    direct('nobody', '127.0.0.1', 1, '/'),
  ]
  const { stdout } = await connection.run(ask(questions))
  await connection.close()
  const [ok, broken, nobody] = parseAnswers(questions, stdout)
  expect(ok).toMatchObject({ name: 'ok', status: 200, body: 'fine\r\n\r\nindeed', failure: '' })
  expect(ok?.headers.get('x-release')).toBe('v2')
  expect(broken).toMatchObject({ status: 503, body: 'the crane is stuck' })
  expect(nobody).toMatchObject({ status: 0 })
  expect(nobody?.failure).toContain('127.0.0.1')
})
