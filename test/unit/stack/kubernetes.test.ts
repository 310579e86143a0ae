import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { cluster } from '../../../stack/kubernetes/cluster.ts'
import { files } from '../../../stack/kubernetes/files.ts'
import { folder, type Manifest, manifests, nameOf, schemaFaults } from '../../kubernetes/manifest.ts'
import { podOf, policyFaults } from '../../kubernetes/policy.ts'
import { resolved, type Said } from './resolved.ts'

const base = readdirSync(join(folder, 'base'))
  .filter((name) => name !== 'kustomization.yaml')
  .flatMap((name) => manifests(readFileSync(join(folder, 'base', name), 'utf8')))

test('what is committed is what the model says', () => {
  for (const [path, text] of files()) expect(readFileSync(join(folder, path), 'utf8'), path).toBe(text)
})

test('the base has all that its kustomization names', () => {
  const { resources } = parse(readFileSync(join(folder, 'base/kustomization.yaml'), 'utf8'))
  expect(resources.toSorted()).toEqual(
    readdirSync(join(folder, 'base'))
      .filter((name) => name !== 'kustomization.yaml')
      .toSorted(),
  )
})

test('the API takes every object, and policy allows it', () => {
  expect(base.length).toBeGreaterThan(15)
  expect(base.flatMap(schemaFaults)).toEqual([])
  expect(policyFaults(base)).toEqual([])
})

const schedules = manifests(readFileSync(join(folder, 'schedules/schedules.yaml'), 'utf8'))

test('what runs at its times is what the API takes and policy allows, beside the base', () => {
  expect(schedules.flatMap(schemaFaults)).toEqual([])
  expect(policyFaults([...base, ...schedules])).toEqual([])
  const jobs = schedules.filter(({ kind }) => kind === 'CronJob')
  expect(jobs.map(nameOf)).toEqual(['CronJob/quayside-backup', 'CronJob/quayside-drill'])
  const claims = schedules
    .filter(({ kind }) => kind === 'PersistentVolumeClaim')
    .map(({ metadata }) => metadata.name)
  for (const job of jobs) {
    expect(job.spec).toMatchObject({ concurrencyPolicy: 'Forbid', timeZone: 'Etc/UTC' })
    expect(job.spec.schedule).toMatch(/^\d+ \d+ \* \* [*0-6]$/)
    const [container] = podOf(job).spec.containers
    // The image's first word is a playbook: docker/quayside/run.sh
    expect(readdirSync(join(folder, '../playbooks'))).toContain(container.args[0])
    const used = podOf(job).spec.volumes.flatMap(
      (volume: { persistentVolumeClaim?: { claimName: string } }) =>
        volume.persistentVolumeClaim ? [volume.persistentVolumeClaim.claimName] : [],
    )
    expect(used).toEqual(claims)
    for (const name of ['age_key', 'ssh_key', 'known_hosts'])
      expect(JSON.stringify(podOf(job).spec.volumes)).toContain(`"key":"${name}"`)
  }
})

test('of what runs at its times, each mistake is found', () => {
  const [job] = schedules.filter(({ kind }) => kind === 'CronJob')
  const wrong = JSON.parse(JSON.stringify(job)) as Manifest
  wrong.spec.jobTemplate.spec.template.spec.securityContext.runAsUser = 0
  wrong.spec.schedul = wrong.spec.schedule
  const open = schedules.filter(({ kind }) => kind !== 'NetworkPolicy')
  const denied = base.filter(({ kind }) => kind !== 'NetworkPolicy')
  expect(policyFaults([wrong])).toContain('CronJob/quayside-backup: may run as root')
  expect(schemaFaults(wrong).join()).toContain('schedul')
  expect(policyFaults([...denied, ...open])).toContain(
    'CronJob/quayside-backup: no network policy speaks of its Egress',
  )
})

/** A Compose value with its defaults, as the containers get it. */
const given = (text: unknown) =>
  String(text)
    .replaceAll(/\$\{\w+:-([^{}]*)\}/g, '$1')
    .replaceAll('$$', '$')

interface Whole extends Said {
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly configs?: readonly { readonly source: string; readonly target: string }[]
  readonly stop_grace_period: string
}

describe.each(['postgres', 'redis', 'api', 'web', 'migrate'])('%s is the same as in compose/', (name) => {
  const service = resolved(name === 'migrate' ? 'dev.yaml' : 'base.yaml').services[name] as Whole
  const pod = podOf(base.find((each) => podOf(each) && each.metadata.name === name) as Manifest).spec
  const [container] = pod.containers

  test('image, user, what it runs', () => {
    expect(container.image).toBe(given(service.image))
    expect(`${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`).toBe(service.user)
    expect(container.command).toEqual(service.entrypoint)
    expect(container.args).toEqual(service.command)
  })

  test('environment, but for what differs on purpose', () => {
    const own = cluster.services[name]?.environment ?? {}
    const here = Object.fromEntries(
      (container.env ?? []).map((each: { name: string; value: string }) => [each.name, each.value]),
    )
    const there = Object.fromEntries(
      Object.entries(service.environment ?? {}).map(([key, value]) => [key, given(value)]),
    )
    expect(here).toEqual({ ...there, ...own })
    expect(Object.keys(own).filter((key) => !['PGDATA', 'PUBLIC_URL'].includes(key))).toEqual([])
  })

  test('limits, health, time to end', () => {
    const { limits } = service.deploy.resources
    expect(container.resources.limits.memory).toBe(`${given(limits.memory).replace(/M$/, '')}Mi`)
    expect(container.resources.limits.cpu).toBe(given(limits.cpus))
    const health = service.healthcheck as { test?: string[]; timeout?: string; disable?: boolean }
    if (health.disable) expect(container.readinessProbe).toBeUndefined()
    else
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        expect(container[probe].exec.command).toEqual(health.test?.slice(1).map(given))
        expect(`${container[probe].timeoutSeconds}s`).toBe(health.timeout)
      }
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      Number.parseInt(service.stop_grace_period, 10),
    )
  })

  test('secrets, configs, what is mounted', () => {
    type Volume = { name: string; secret?: { items: { key: string }[] }; emptyDir?: { sizeLimit: string } }
    const volumes = pod.volumes as Volume[]
    const keys = volumes.flatMap(({ secret }) => secret?.items.map(({ key }) => key) ?? [])
    expect(keys).toEqual(service.secrets ?? [])
    type Mounted = { name: string; mountPath: string; subPath?: string }
    const mounts = container.volumeMounts as Mounted[]
    const configs = mounts.filter(({ name }) => name === 'configs')
    expect(configs.map(({ mountPath, subPath }) => ({ source: subPath, target: mountPath }))).toEqual(
      service.configs ?? [],
    )
    const data = mounts.filter(({ name }) => !['configs', 'secrets'].includes(name))
    const there = (service.volumes ?? []).filter(({ type }) => type !== 'bind')
    expect(data.map(({ mountPath }) => mountPath)).toEqual(there.map(({ target }) => target))
  })
})

test('who may reach whom is never more than in compose/', () => {
  const { services } = resolved('base.yaml')
  const networks = (name: string) => (services[name] ?? resolved('dev.yaml').services[name])?.networks ?? []
  const pairs = Object.entries(cluster.services).flatMap(([name, { uses }]) =>
    uses.map((other) => [name, other]),
  )
  expect(pairs.map((pair) => pair.join(' ')).toSorted()).toEqual([
    'api postgres',
    'api redis',
    'migrate postgres',
    'web api',
  ])
  for (const [from = '', to = ''] of pairs)
    expect(
      networks(from).some((network) => networks(to).includes(network)),
      `${from} ${to}`,
    ).toBe(true)
  for (const [name, { world }] of Object.entries(cluster.services))
    expect(networks(name).includes('egress'), name).toBe(world === true)
})

test("the Ingress knows nginx' ways, in its order", () => {
  const ingress = base.find(({ kind }) => kind === 'Ingress') as Manifest
  type Path = { path: string; backend: { service: { name: string } } }
  const paths = (ingress.spec.rules[0].http.paths as Path[]).map(({ backend, path }) => [
    path,
    backend.service.name,
  ])
  const conf = readFileSync(join(folder, '../compose/nginx/prod.conf'), 'utf8')
  const ways = [...conf.matchAll(/location (\/\S*) \{[^}]*\}[^}]*proxy_pass http:\/\/\$(\w+):/g)]
  expect(paths).toEqual(ways.map(([, path, name]) => [path, name]))
  expect(ways.length).toBe(2)
})

describe('is found:', () => {
  const changed = (name: string, change: (manifest: Manifest) => void) =>
    base.map((each) => {
      if (nameOf(each) !== name) return each
      const copy = structuredClone(each)
      change(copy)
      return copy
    })
  const container = (manifest: Manifest) => podOf(manifest).spec.containers[0]

  test.each<[string, string, (manifest: Manifest) => void, RegExp]>([
    [
      'a field that there is not',
      'Deployment/api',
      ({ spec }) => (spec.replica = 2),
      /additional properties replica/,
    ],
    ['one deep inside', 'Deployment/web', (each) => (container(each).readinesProbe = {}), /readinesProbe/],
    ['a wrong type', 'StatefulSet/redis', ({ spec }) => (spec.replicas = 'one'), /replicas must be number/],
    ['what is missing', 'Deployment/api', ({ spec }) => delete spec.selector, /required property 'selector'/],
    [
      'another version',
      'Ingress/agentlab',
      (each) => Object.assign(each, { apiVersion: 'extensions/v1' }),
      /there is no extensions\/v1/,
    ],
  ])('%s', (_, name, change, said) => {
    expect(changed(name, change).flatMap(schemaFaults).join('\n')).toMatch(said)
  })

  test.each<[string, string, (manifest: Manifest) => void, string]>([
    [
      'root',
      'Deployment/api',
      (each) => delete podOf(each).spec.securityContext.runAsNonRoot,
      'may run as root',
    ],
    [
      'user 0',
      'Deployment/api',
      (each) => (podOf(each).spec.securityContext.runAsUser = 0),
      'may run as root',
    ],
    [
      'no seccomp',
      'Job/migrate',
      (each) => delete podOf(each).spec.securityContext.seccompProfile,
      'has no seccomp profile',
    ],
    [
      'a token',
      'Deployment/web',
      (each) => delete podOf(each).spec.automountServiceAccountToken,
      "has a key to the cluster's API",
    ],
    [
      'the host',
      'Deployment/web',
      (each) => (podOf(each).spec.hostNetwork = true),
      "shares the node's namespaces",
    ],
    [
      'rights',
      'Deployment/web',
      (each) => delete container(each).securityContext.allowPrivilegeEscalation,
      'may gain rights',
    ],
    [
      'writing',
      'StatefulSet/redis',
      (each) => (container(each).securityContext.readOnlyRootFilesystem = false),
      'may write its own files',
    ],
    [
      'capabilities',
      'StatefulSet/redis',
      (each) => (container(each).securityContext.capabilities.add = ['NET_RAW']),
      'has capabilities',
    ],
    [
      'no limit',
      'StatefulSet/postgres',
      (each) => delete container(each).resources.limits.memory,
      'has no limits',
    ],
    [
      'no probe',
      'Deployment/api',
      (each) => delete container(each).readinessProbe,
      'has not all three probes',
    ],
    [
      'no version',
      'Deployment/api',
      (each) => (container(each).image = 'agentlab/api:latest'),
      'has an image without a version: agentlab/api:latest',
    ],
    [
      'a secret',
      'Deployment/api',
      (each) => container(each).env.push({ name: 'REDIS_PASSWORD', value: 'x' }),
      'has a secret in its environment: REDIS_PASSWORD',
    ],
    ['an open policy', 'NetworkPolicy/web', ({ spec }) => (spec.ingress = [{}]), 'is open to the world'],
    [
      'all addresses',
      'NetworkPolicy/api',
      ({ spec }) => delete spec.egress[2].to[0].ipBlock.except,
      'is open to the world',
    ],
    ['no TLS', 'Ingress/agentlab', ({ spec }) => delete spec.tls, 'has no TLS'],
    [
      'a port of the node',
      'Service/postgres',
      ({ spec }) => (spec.type = 'NodePort'),
      'is reached by another way than the Ingress',
    ],
    [
      'all pods',
      'Namespace/agentlab',
      ({ metadata }) => Object.assign(metadata, { labels: {} }),
      'admits pods that are not restricted',
    ],
  ])('%s', (_, name, change, said) => {
    expect(policyFaults(changed(name, change))).toContain(`${name}: ${said}`)
  })

  test('a pod that no network policy covers', () => {
    const without = base.filter(
      (each) =>
        !['NetworkPolicy/default-deny', 'NetworkPolicy/dns', 'NetworkPolicy/web'].includes(nameOf(each)),
    )
    expect(policyFaults(without)).toContain('Deployment/web: no network policy speaks of its Ingress')
  })
})
