import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { fixture, oneDb } from './fixture.ts'

const made = fixture()

test('a host with no variables has the defaults of its connection and its roles', async () => {
  const [host] = (await made.load({ 'hosts.yaml': oneDb })).hosts
  expect(host).toEqual({
    name: 'db-1',
    groups: ['all', 'db'],
    privateAddress: 'db-1',
    target: {
      name: 'db-1',
      connection: 'ssh',
      host: 'db-1',
      dockerHost: undefined,
      port: undefined,
      user: undefined,
      identityFile: undefined,
      knownHostsFile: undefined,
      password: undefined,
      sshConfig: undefined,
      jump: undefined,
      forwardAgent: undefined,
      become: true,
      becomeUser: 'root',
      becomeMethod: 'sudo',
      becomePassword: undefined,
      connectTimeoutSeconds: undefined,
      commandTimeoutSeconds: 600,
    },
    vars: { redis_maxmemory: '256mb', redis_port: 6379, redis_appendonly: true, redis_policy: 'noeviction' },
  })
})

test('connection variables make the target', async () => {
  const vars = `
connection: local
host: 10.0.0.1
docker_host: ssh://box
port: 2222
user: ops
identity_file: '{state}/id_ed25519'
known_hosts_file: ~/known
password: { from_file: sudo }
ssh_config: ssh_config
jump: none
forward_agent: true
become: false
become_user: app
become_method: su
become_password: { from_file: sudo }
connect_timeout: 3
command_timeout: 60
private_address: 192.168.0.1
`
  const [host] = (await made.load({ 'hosts.yaml': oneDb, 'host_vars/db-1.yaml': vars, sudo: 'hunter2\n' }))
    .hosts
  expect(host?.privateAddress).toBe('192.168.0.1')
  expect(host?.target.becomePassword?.reveal()).toBe('hunter2')
  expect(host?.target).toEqual({
    name: 'db-1',
    connection: 'local',
    host: '10.0.0.1',
    dockerHost: 'ssh://box',
    port: 2222,
    user: 'ops',
    identityFile: join(made.root, 'state/quayside/lab/id_ed25519'),
    knownHostsFile: join(homedir(), 'known'),
    password: expect.any(Secret),
    sshConfig: join(made.root, 'inventory/lab/ssh_config'),
    jump: [],
    forwardAgent: true,
    become: false,
    becomeUser: 'app',
    becomeMethod: 'su',
    becomePassword: expect.any(Secret),
    connectTimeoutSeconds: 3,
    commandTimeoutSeconds: 60,
  })
})

test('private_address follows host, and a relative path starts at the inventory', async () => {
  const vars = 'host: 10.0.0.1\nidentity_file: keys/id'
  const [host] = (await made.load({ 'hosts.yaml': oneDb, 'group_vars/db.yaml': vars })).hosts
  expect(host?.privateAddress).toBe('10.0.0.1')
  expect(host?.target.identityFile).toBe(join(made.root, 'inventory/lab/keys/id'))
})

test('hosts do not share the values that they inherit', async () => {
  const { app } = await import('./fixture.ts')
  const files = {
    'hosts.yaml': 'app: { hosts: { a-1:, a-2: } }',
    'group_vars/app.yaml': 'apps: [{ name: api, port: 1 }]',
  }
  const [one, two] = (await made.load(files, [app])).hosts
  expect(one?.vars.apps).toEqual(two?.vars.apps)
  expect(one?.vars.apps).not.toBe(two?.vars.apps)
})
