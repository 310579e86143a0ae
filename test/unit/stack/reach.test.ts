import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, type Manifest, manifests } from '../../kubernetes/manifest.ts'
import { type End, reaches } from '../../kubernetes/reach.ts'

const ours = 'agentlab'
const all = manifests(readFileSync(join(folder, 'base/network.yaml'), 'utf8'))
const pod = (name: string, namespace = ours): End => ({
  namespace,
  labels: { 'app.kubernetes.io/name': name },
})

const ports = { web: 3000, api: 8000, postgres: 5432, redis: 6379 } as const
type Name = keyof typeof ports
const names = Object.keys(ports) as readonly Name[]

/** Whom each asks: what it is told of others by, and nobody else. */
const asks: Readonly<Record<string, readonly Name[]>> = {
  'ingress-nginx': ['web', 'api'],
  web: ['api'],
  api: ['postgres', 'redis'],
  migrate: ['postgres'],
  postgres: [],
  redis: [],
  'somebody-else': [],
}
const ends: Readonly<Record<string, End>> = {
  'ingress-nginx': pod('ingress-nginx', 'ingress-nginx'),
  'somebody-else': pod('api', 'another'),
}

describe('by its network policies', () => {
  test.each(Object.entries(asks))('%s reaches %j, and nobody else', (name, wanted) => {
    const from = ends[name] ?? pod(name)
    const reached = names.filter(
      (to) => to !== name && reaches(all, ours, from, pod(to), { number: ports[to] }),
    )
    expect(reached.toSorted()).toEqual(wanted.toSorted())
  })

  test('a service is reached at its own port alone', () => {
    for (const number of [22, 5432, 8001, 9229])
      expect(reaches(all, ours, pod('web'), pod('api'), { number }), String(number)).toBe(false)
  })

  test('a pod of ours that no policy names reaches nobody, and nobody reaches it', () => {
    const stranger = pod('stranger')
    for (const name of names) {
      expect(reaches(all, ours, stranger, pod(name), { number: ports[name] })).toBe(false)
      expect(reaches(all, ours, pod(name), stranger, { number: 80 })).toBe(false)
    }
  })

  test.each<[string, string, number, boolean]>([
    ['api', '93.184.216.34', 443, true],
    ['api', '93.184.216.34', 80, false],
    // Where clouds hand out an instance's rights.
    ['api', '169.254.169.254', 443, false],
    ['api', '10.1.2.3', 443, false],
    ['web', '93.184.216.34', 443, false],
    ['postgres', '93.184.216.34', 443, false],
    ['redis', '93.184.216.34', 443, false],
    ['migrate', '93.184.216.34', 443, false],
  ])('%s and %s at %i: %s', (name, address, number, may) => {
    expect(reaches(all, ours, pod(name), { address }, { number })).toBe(may)
  })

  test('all may ask for names, of the cluster’s own server alone', () => {
    const dns = (namespace: string): End => ({ namespace, labels: { 'k8s-app': 'kube-dns' } })
    for (const name of [...names, 'migrate'])
      for (const protocol of ['TCP', 'UDP'] as const) {
        expect(reaches(all, ours, pod(name), dns('kube-system'), { number: 53, protocol })).toBe(true)
        expect(reaches(all, ours, pod(name), dns('another'), { number: 53, protocol })).toBe(false)
      }
  })

  test('from outside of the cluster nobody gets in but by the Ingress', () => {
    for (const name of names)
      expect(reaches(all, ours, { address: '203.0.113.7' }, pod(name), { number: ports[name] })).toBe(false)
  })
})

describe('the reading of policies sees', () => {
  const without = (name: string) => all.filter(({ metadata }) => metadata.name !== name)

  test('one that is gone', () => {
    expect(reaches(without('default-deny'), ours, pod('stranger'), pod('web'), { number: 3000 })).toBe(false)
    const bare = without('default-deny').filter(({ metadata }) => !['web', 'dns'].includes(metadata.name))
    expect(reaches(bare, ours, pod('stranger'), pod('web'), { number: 3000 })).toBe(true)
  })

  test('what one lets through that it must not', () => {
    const opened = structuredClone(all) as Manifest[]
    opened.find(({ metadata }) => metadata.name === 'redis')?.spec.ingress[0].from.push({ podSelector: {} })
    expect(reaches(opened, ours, pod('stranger'), pod('redis'), { number: 6379 })).toBe(false)
    const sends = { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }
    opened.push({ ...(opened[0] as Manifest), metadata: { name: 'open' }, spec: sends })
    expect(reaches(opened, ours, pod('stranger'), pod('redis'), { number: 6379 })).toBe(true)
  })

  test('what it does not understand', () => {
    const odd = structuredClone(all) as Manifest[]
    if (odd[0] !== undefined) odd[0].spec.podSelector = { matchExpressions: [] }
    expect(() => reaches(odd, ours, pod('web'), pod('api'), { number: 8000 })).toThrow('not understood')
  })
})
