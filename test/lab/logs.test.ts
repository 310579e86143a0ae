import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { inLab } from './playbook.ts'
import { askPage } from './traced-page.ts'

interface Told {
  readonly host: string
  readonly service: string
  readonly message: string
  readonly requestId?: string
}

test('a request is found on its way through nginx, web and api, on whichever host', async () => {
  const id = `logs-test-${randomUUID()}`
  expect(await askPage('/?q=harbour', id)).toBe(200)
  const { code, stdout, output } = await inLab('logs', ['--request', id, '--since', '5m', '--json'])
  expect(code, output).toBe(0)
  const result = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find(({ type }) => type === 'result')
  const entries = result.data.entries as readonly Told[]
  expect(new Set(entries.map(({ service }) => service))).toEqual(new Set(['nginx', 'web', 'api']))
  expect(entries.every(({ requestId }) => requestId === id)).toBe(true)
  // In the order of time: the api has answered before the web has. The web and nginx see the same end, each a moment of its own.
  expect(entries[0]?.service).toBe('api')
  expect(entries.find(({ service }) => service === 'nginx')).toMatchObject({
    host: 'edge-1',
    message: expect.stringMatching(/^GET \/ 200 in/),
  })
})

test('of a service, for people; a level leaves the rest out', async () => {
  const { code, stdout } = await inLab('logs', ['postgres', 'redis', '--since', '3d'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^[\d:.]{12} db-1 +postgres +info +.*ready to accept connections/m)
  expect(stdout).toMatch(/^[\d:.]{12} db-1 +redis +info +Ready to accept connections/m)
  const errors = await inLab('logs', ['redis', '--since', '3d', '--level', 'error'])
  expect(errors.stdout).not.toContain('Ready to accept')
})

test('a service that there is not is said, with the nearest', async () => {
  const { code, stderr } = await inLab('logs', ['postgers'])
  expect(code).toBe(2)
  expect(stderr).toContain('no host has a container of "postgers"')
  expect(stderr).toContain('postgres')
})
