import { describe, expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { daemonJson } from '../../../roles/docker/daemon-json.ts'
import { distributionPackages } from '../../../roles/docker/packages.ts'
import { registryLogins } from '../../../roles/docker/registry-logins.ts'
import { docker } from '../../../roles/docker/role.ts'
import { dockerVars } from '../../../roles/docker/schema.ts'
import { keys } from '../../../roles/versions.ts'
import { context, facts, password, varsOf, visible } from './context.ts'

const vars = (given: Readonly<Record<string, unknown>> = {}) => varsOf(dockerVars, given)

describe('daemon.json', () => {
  test('rotates logs and keeps containers over a restart', () => {
    expect(JSON.parse(daemonJson(vars()))).toEqual({
      'log-driver': 'json-file',
      'log-opts': { 'max-size': '10m', 'max-file': '3' },
      'live-restore': true,
    })
  })

  test('holds the registries and pools that the inventory gives', () => {
    const given = vars({
      docker_insecure_registries: ['registry.lab:5000'],
      docker_registry_mirrors: ['https://mirror.test'],
      docker_address_pools: [{ base: '10.80.0.0/16', size: 24 }],
      docker_live_restore: false,
    })
    expect(JSON.parse(daemonJson(given))).toMatchObject({
      'live-restore': false,
      'insecure-registries': ['registry.lab:5000'],
      'registry-mirrors': ['https://mirror.test'],
      'default-address-pools': [{ base: '10.80.0.0/16', size: 24 }],
    })
  })
})

describe('packages of the distribution', () => {
  test.each([
    ['debian', 'trixie', ['docker.io', 'docker-cli', 'docker-compose', 'docker-buildx']],
    ['ubuntu', 'noble', ['docker.io', 'docker-compose-v2', 'docker-buildx']],
  ])('%s %s', (os, codename, names) => {
    expect(distributionPackages({ ...facts, os, codename })).toEqual(names)
  })

  test.each([
    ['debian', 'bookworm', 'has no Docker 24'],
    ['fedora', '', 'no packages of Docker are known for fedora'],
  ])('%s %s is refused', (os, codename, message) => {
    expect(() => distributionPackages({ ...facts, os, codename })).toThrow(message)
  })
})

test("Docker's own repository is trusted by its own key alone, and the key is known by its hash", () => {
  const given = vars({ docker_source: 'docker', docker_apt_url: 'https://mirror.test/linux' })
  const named = new Map(docker.resources(context(given)).map((each) => [each.id, each]))
  const absent = { stdout: 'standing=absent\n', stderr: '', code: 0 }
  const repository = named.get('apt repository docker')?.plan(absent)
  expect(repository?.kind === 'change' && repository.diff?.split('\n').slice(1)).toEqual([
    '+Types: deb',
    '+URIs: https://mirror.test/linux/debian',
    '+Suites: trixie',
    '+Components: stable',
    '+Architectures: amd64',
    '+Signed-By: /etc/apt/keyrings/docker.asc',
  ])
  expect(named.get('apt key docker')?.plan(absent)).toMatchObject({
    summary: 'fetch https://mirror.test/linux/debian/gpg',
    diff: `+sha256 ${keys.docker}`,
  })
  const other = vars({ docker_source: 'docker', docker_apt_key_sha256: 'a'.repeat(64) })
  const key = docker.resources(context(other)).find(({ id }) => id === 'apt key docker')
  expect(key?.plan(absent)).toMatchObject({ diff: `+sha256 ${'a'.repeat(64)}` })
  expect(() => vars({ docker_apt_key_sha256: 'A0' })).toThrow('docker_apt_key_sha256')
})

test('the role follows docker_source', () => {
  const ids = (given: Readonly<Record<string, unknown>>) =>
    docker.resources(context(vars(given))).map(({ id }) => id)
  expect(ids({})).toEqual([
    'directory /etc/docker',
    'file /etc/docker/daemon.json',
    'packages ca-certificates docker.io docker-cli docker-compose docker-buildx',
    'service docker',
  ])
  expect(ids({ docker_source: 'docker', docker_apt_url: 'https://mirror.test/linux' })).toEqual([
    'directory /etc/docker',
    'file /etc/docker/daemon.json',
    'packages ca-certificates curl',
    'directory /etc/apt/keyrings',
    'apt key docker',
    'apt repository docker',
    'packages docker.io docker-cli docker-compose docker-compose-v2 docker-buildx containerd runc',
    'packages docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin',
    'service docker',
  ])
})

test('a login is a secret in the form that docker login writes', () => {
  const registries = [{ address: 'registry.test:5000', username: 'ci', password }]
  const content = registryLogins(registries)
  expect(String(content)).toBe('[secret]')
  const auth = Buffer.from('ci:pa"ss\\word #1').toString('base64')
  expect(JSON.parse(content.reveal())).toEqual({ auths: { 'registry.test:5000': { auth } } })
})

test('no password shows', () => {
  const secret = new Secret('hunter2')
  const given = vars({ docker_registries: [{ address: 'r.test', username: 'ci', password: secret }] })
  const shown = visible(docker, context(given))
  expect(shown).toContain('/root/.docker/config.json')
  expect(shown).not.toContain('hunter2')
  expect(shown).not.toContain(Buffer.from('ci:hunter2').toString('base64'))
})
