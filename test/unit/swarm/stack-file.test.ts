import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { Secret } from '../../../lib/secret/index.ts'
import { storedAs, unneeded } from '../../../lib/swarm/content.ts'
import { encrypted } from '../../../lib/swarm/encrypted.ts'
import {
  imagesOf,
  only,
  pinnedFile,
  readStackFile,
  serviceNames,
  stackText,
} from '../../../lib/swarm/stack-file.ts'
import { without } from '../../../lib/swarm/without.ts'
import { root } from '../../argv.ts'

const text = readFileSync(join(root, 'compose/stack.yaml'), 'utf8')
const settings = new Map([
  ['REGISTRY', 'registry.example.com/app'],
  ['RELEASE', 'v1'],
  ['PUBLIC_URL', 'https://example.com'],
  ['SERVER_NAME', 'example.com'],
  ['HTTPS_PORT', '8443'],
])
const read = () => readStackFile(text, (name) => settings.get(name))

test('settings stand in the place of variables, and numbers are numbers', () => {
  const file = read()
  expect(Object.keys(file.services)).toEqual(['postgres', 'redis', 'api', 'web', 'nginx'])
  expect(imagesOf(file).api).toBe('registry.example.com/app/api:v1')
  expect(file.services.api).toMatchObject({ deploy: { replicas: 2 } })
  expect(file.services.nginx).toMatchObject({ ports: [{ published: 80 }, { published: 8443 }] })
})

test('a setting that has to be given is asked for', () => {
  expect(() => readStackFile(text, () => undefined)).toThrow(
    expect.objectContaining({ exitCode: 2, hint: 'give it in stack_settings' }),
  )
})

test('what Docker gets names digests and contents, and no variable is left for it to fill in', () => {
  const file = pinnedFile(read(), {
    images: { api: 'registry.example.com/app/api@sha256:aa' },
    configs: { nginx_conf: 's_nginx_conf_0123' },
    secrets: { redis_password: 's_redis_password_4567' },
    labels: { 'quayside.release': 'v1' },
  })
  const made = stackText(file, 'about')
  expect(serviceNames(made)).toEqual(['postgres', 'redis', 'api', 'web', 'nginx'])
  expect(made.replaceAll('$$', '')).not.toContain('$')
  const { services, secrets, configs } = parse(made, { version: '1.1' })
  expect(services.api.image).toBe('registry.example.com/app/api@sha256:aa')
  expect(services.api.deploy.labels).toEqual({ 'quayside.release': 'v1' })
  expect(secrets.redis_password).toEqual({ external: true, name: 's_redis_password_4567' })
  expect(configs.nginx_conf).toEqual({ external: true, name: 's_nginx_conf_0123' })
  // One of Docker's dollar signs is two: the shell in the container gets one.
  expect(services.redis.healthcheck.test.join(' ')).toContain('REDISCLI_AUTH=$$(cat')
})

test('a part of it has those services alone', () => {
  expect(Object.keys(only(read(), ['redis']).services)).toEqual(['redis'])
})

test('without a service goes what no other has: its volume, its configs, the secret of its administrator', () => {
  const [whole, left] = [read(), without(read(), ['postgres'])]
  const gone = (section: 'services' | 'networks' | 'volumes' | 'secrets' | 'configs') =>
    Object.keys(whole[section]).filter((name) => left[section][name] === undefined)
  expect(gone('services')).toEqual(['postgres'])
  expect(gone('networks')).toEqual([])
  expect(gone('volumes')).toEqual(['postgres-data'])
  expect(gone('secrets')).toEqual(['postgres_superuser_password'])
  expect(gone('configs')).toEqual(['postgres_start', 'postgres_conf', 'postgres_first'])
  expect(Object.keys(without(read(), ['postgres', 'redis']).networks)).toContain('database')
})

test('encrypted networks: all of them, and nothing else of them changes', () => {
  const { networks } = parse(stackText(encrypted(read()), 'about'), { version: '1.1' })
  expect(networks.database).toEqual({ driver: 'overlay', internal: true, driver_opts: { encrypted: 'true' } })
  expect(Object.values(networks).map((each) => (each as { driver_opts?: unknown }).driver_opts)).toEqual(
    Object.keys(read().networks).map(() => ({ encrypted: 'true' })),
  )
})

test('another content has another name; a secret shows nothing of itself', () => {
  const config = storedAs('s', 'conf', 'one')
  expect(config.object).toMatch(/^s_conf_[0-9a-f]{12}$/)
  expect(storedAs('s', 'conf', 'one').object).toBe(config.object)
  expect(storedAs('s', 'conf', 'two').object).not.toBe(config.object)
  const secret = storedAs('s', 'key', new Secret('unit-test-value'))
  expect([secret.kind, config.kind]).toEqual(['secret', 'config'])
  expect(secret.object).toMatch(/^s_key_[0-9a-f]{12}$/)
  expect(JSON.stringify(secret)).not.toContain('unit-test-value')
})

test('what no file of a release names is needed no more', () => {
  const stored = 'config s_conf_aaa\nconfig s_conf_bbb\nsecret s_key_ccc\n'
  expect(unneeded(stored, ['name: s_conf_bbb', 'name: s_key_ccc'])).toEqual(['config s_conf_aaa'])
})
