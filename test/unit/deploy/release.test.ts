import { expect, test } from 'vitest'
import type { App } from '../../../lib/deploy/app.ts'
import { writeJournal } from '../../../lib/deploy/edge.ts'
import { appendHistory } from '../../../lib/deploy/history.ts'
import { configOf, type Release, sameRelease } from '../../../lib/deploy/release.ts'
import { Secret } from '../../../lib/secret/index.ts'

const app: App = {
  name: 'api',
  image: 'registry/api',
  port: 8000,
  ports: { blue: 8010, green: 8030 },
  route: '/',
  health: '/health',
  smoke: [],
  replicas: 1,
  user: 10001,
  env: { A: '1', B: '2' },
  secrets: { TOKEN: new Secret('one') },
  memory_mb: 64,
  cpus: 1,
  start_seconds: 5,
  stop_seconds: 5,
}

test('the configuration is the same whatever the order of its keys', () => {
  expect(configOf([{ ...app, env: { B: '2', A: '1' } }])).toBe(configOf([app]))
})

test.each<[string, Partial<App>]>([
  ['a variable', { env: { A: '1', B: '3' } }],
  ['a limit', { memory_mb: 65 }],
  ['a secret', { secrets: { TOKEN: new Secret('two') } }],
  ['a replica', { replicas: 2 }],
])('it differs when %s does', (_, change) => {
  expect(configOf([{ ...app, ...change }])).not.toBe(configOf([app]))
})

test('a release is its name, its images and its configuration', () => {
  const release: Release = { id: 'v1', images: { a: 'x', b: 'y' }, config: 'c' }
  expect(sameRelease(release, { config: 'c', images: { b: 'y', a: 'x' }, id: 'v1' })).toBe(true)
  expect(sameRelease(release, { ...release, config: 'd' })).toBe(false)
  expect(sameRelease(release, { ...release, images: { a: 'x', b: 'z' } })).toBe(false)
  expect(sameRelease(undefined, undefined)).toBe(false)
})

test('what edges keep of a release, in their history and in the journal of a flip, has no secret', () => {
  const hidden = 'hunter4-swordfish'
  const release: Release = {
    id: 'v1',
    images: { api: 'registry/api@sha256:1' },
    config: configOf([{ ...app, secrets: { TOKEN: new Secret(hidden) } }]),
  }
  const kept = [
    appendHistory({ ...release, colour: 'blue', at: '2026-11-23T10:00:00Z', by: 'a@b', kind: 'deploy' }),
    writeJournal({ from: 'blue', to: 'green', release: release.id }),
  ].map((script) => script.reveal())
  expect(kept[0]).toContain(release.config)
  for (const form of [
    hidden,
    Buffer.from(hidden).toString('base64').slice(0, -4),
    Buffer.from(hidden).toString('hex'),
  ])
    expect(kept.join('\n')).not.toContain(form)
})
