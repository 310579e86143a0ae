import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { files } from '../../../stack/files.ts'
import { folder, resolved, type Said } from './resolved.ts'

const settings = ['dev.yaml', 'test.yaml', 'prod.yaml', 'stack.yaml']
const everywhere = ['base.yaml', ...settings]
const services = Object.keys(resolved('base.yaml').services)

test('what is committed is what the model says', () => {
  for (const [path, text] of files()) expect(readFileSync(join(folder, path), 'utf8'), path).toBe(text)
})

/** Where a setting says otherwise on purpose. */
const otherwise: Readonly<Record<string, readonly string[]>> = {
  'dev.yaml': ['web limits', 'postgres networks', 'redis networks', 'web networks'],
  // The same image, with no default for which.
  'prod.yaml': ['api image', 'web image'],
  'stack.yaml': ['api image', 'web image'],
}

const compared: Readonly<Record<string, (service: Said) => unknown>> = {
  image: ({ image }) => image,
  user: ({ user }) => user,
  health: ({ healthcheck }) => healthcheck,
  limits: ({ deploy }) => deploy.resources.limits,
  networks: ({ networks }) => networks,
  logging: ({ logging }) => logging,
}

describe.each(settings)('%s', (file) => {
  const { services: found } = resolved(file)

  test.each(services)('%s is the same as everywhere, but for what differs on purpose', (name) => {
    const base = resolved('base.yaml').services[name] as Said
    const here = found[name] as Said
    const differing = Object.entries(compared)
      .filter(([, of]) => JSON.stringify(of(base)) !== JSON.stringify(of(here)))
      .map(([what]) => `${name} ${what}`)
    const allowed = (otherwise[file] ?? []).filter((each) => each.startsWith(`${name} `))
    expect(differing).toEqual(allowed.toSorted((a, b) => differing.indexOf(a) - differing.indexOf(b)))
  })

  test('each setting has its own secrets, and no service wants one that is not there', () => {
    const { secrets } = resolved(file)
    for (const service of Object.values(found))
      for (const secret of service.secrets ?? []) expect(Object.keys(secrets)).toContain(secret)
  })
})

describe.each(everywhere)('%s', (file) => {
  const { networks, services: found } = resolved(file)

  test.each(Object.keys(found))('%s may do no more than it must', (name) => {
    const service = found[name] as Said
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(service).toMatchObject({ read_only: true, init: true, cap_drop: ['ALL'] })
    // A service of Swarm knows no security_opt.
    if (file !== 'stack.yaml') expect(service.security_opt).toEqual(['no-new-privileges:true'])
    const { limits } = service.deploy.resources
    expect(Object.keys(limits).toSorted()).toEqual(['cpus', 'memory', 'pids'])
    expect(service.healthcheck).toBeDefined()
  })

  test('the tiers are apart: who shares a network with whom', () => {
    const meets = (a: string, b: string) =>
      (found[a]?.networks ?? []).some((network) => found[b]?.networks.includes(network))
    const pairs = services.flatMap((a) =>
      services.filter((b) => a < b && meets(a, b)).map((b) => `${a} ${b}`),
    )
    expect(pairs.toSorted()).toEqual([
      'api nginx',
      'api postgres',
      'api redis',
      'api web',
      'nginx web',
      'postgres redis',
    ])
    for (const name of ['frontend', 'backend', 'database'])
      expect(networks[name]).toMatchObject({ internal: true })
  })
})

test('migrations are of the release that they are for', () => {
  for (const file of ['dev.yaml', 'test.yaml', 'prod.yaml']) {
    const { services: found } = resolved(file)
    expect(found.migrate?.image).toBe(found.api?.image)
  }
})

test('in production nginx alone has ports, and nothing is mounted from this machine', () => {
  for (const file of ['prod.yaml', 'stack.yaml']) {
    const { services: found } = resolved(file)
    expect(Object.keys(found).filter((name) => found[name]?.ports !== undefined)).toEqual(['nginx'])
    const binds = Object.values(found).flatMap(({ volumes = [] }) =>
      volumes.filter(({ type }) => type === 'bind'),
    )
    expect(binds).toEqual([])
  }
})

test('development is on loopback alone, at the ports that people know', () => {
  const { services: found } = resolved('dev.yaml')
  const ports = Object.values(found).flatMap(({ ports = [] }) => ports as string[])
  expect(ports.map((port) => port.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')).toSorted()).toEqual([
    '127.0.0.1:3000:3000',
    '127.0.0.1:5432:5432',
    '127.0.0.1:5678:5678',
    '127.0.0.1:6379:6379',
    '127.0.0.1:8000:8000',
    '127.0.0.1:8080:8080',
    '127.0.0.1:8443:8443',
    '127.0.0.1:9229:9229',
  ])
})

test('a test keeps nothing on a disk', () => {
  const { services: found, volumes } = resolved('test.yaml')
  expect(volumes).toBeUndefined()
  const kinds = Object.values(found).flatMap(({ volumes: mounts = [] }) => mounts.map(({ type }) => type))
  expect(new Set(kinds)).toEqual(new Set(['tmpfs']))
})
