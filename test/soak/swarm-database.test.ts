import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { swarmHosts } from '../../lib/lab/topology.ts'
import { root } from '../argv.ts'
import { playbook } from '../lab/playbook.ts'
import { deriveRelease } from '../lab/release.ts'
import { ask } from '../lab/traffic.ts'
import { onNode } from '../swarm/on-node.ts'
import { deploy, inventoryWith, servedRelease, serviceSpecs, swarmFront } from '../swarm/stack.ts'

const services = () => onNode('swarm-1', "docker service ls --format '{{.Name}}'").split('\n').toSorted()
const address = swarmHosts.find(({ name }) => name === 'swarm-4')?.address ?? ''

/** The lab's swarm with its data on a host of group db, by the roles of blue-green environments, and not in the stack. */
function withDatabaseHost(): string {
  const folder = inventoryWith((vars) => {
    const { stack_settings, stack_secrets } = vars
    Object.assign(vars, { backup_signing_key: { generate: 'backup_signing_key' } })
    Object.assign(stack_settings, { DATABASE_HOST: address, REDIS_HOST: address })
    delete stack_secrets.postgres_superuser_password
  })
  const file = join(folder, 'hosts.yaml')
  const hosts = parse(readFileSync(file, 'utf8'))
  hosts.all.children.db = { hosts: hosts.all.children.worker.hosts }
  hosts.all.children.worker = { hosts: {} }
  // There is no group app whose last host it would be.
  hosts.all.vars = { drill_host: 'swarm-2' }
  writeFileSync(file, stringify(hosts))
  writeFileSync(
    join(folder, 'group_vars/db.yaml'),
    readFileSync(join(root, 'inventory/lab/group_vars/db.yaml')),
  )
  return folder
}

let folder: string
const store = mkdtempSync(join(tmpdir(), 'quayside-swarm-store-'))

beforeAll(async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
  folder = withDatabaseHost()
}, 900_000)

afterAll(async () => {
  for (const each of [folder, store]) rmSync(each, { recursive: true })
  onNode('swarm-4', 'docker rm -f postgres redis; docker volume rm -f postgres-data redis-data')
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
}, 900_000)

test('a host that was a worker becomes the database’s: it leaves the swarm, and the stack has no data of its own', async () => {
  const { code, output } = await deploy('--inventory', folder)
  expect(code, output).toBe(0)
  expect(output).toMatch(/swarm node swarm-4, not in the inventory/)
  expect(services()).toEqual(['agentlab_api', 'agentlab_nginx', 'agentlab_web'])
  expect(output).toContain('the database has to bear')
  const { ports, ca } = swarmFront()
  const answers = await Promise.all(ports.map((port) => ask(false, port, 'GET', '/api/ready', ca)))
  expect(answers.map(({ status }) => status)).toEqual(ports.map(() => 200))
  // Let in by their nodes' addresses, of which pg_hba.conf has the managers and workers alone.
  const clients = onNode(
    'swarm-4',
    `docker exec -u postgres postgres psql -U postgres -Atc "select distinct client_addr from pg_stat_activity where application_name = 'agentlab-api'"`,
  )
  const nodes = swarmHosts.slice(0, 3).map((host) => host.address)
  expect(clients.split('\n').every((client) => nodes.includes(client))).toBe(true)
  // What it had before is where it was.
  expect(onNode('swarm-1', 'docker volume ls -q --filter name=agentlab_postgres-data')).toBe(
    'agentlab_postgres-data',
  )
})

test('its backups are proven with the stack’s api, and a migration that contracts waits for that', async () => {
  const vars = { backup_store: { directory: store }, deploy_contract_restore_hours: 24 }
  const key = await generateIdentity()
  writeFileSync(join(folder, 'recipients.txt'), `${await identityToRecipient(key)}\n`)
  const given = ['--env', 'lab-swarm', '--inventory', folder, '-x', JSON.stringify(vars)]
  const run = (name: string, ...words: readonly string[]) =>
    playbook(name, [...given, ...words], { env: { QUAYSIDE_AGE_KEY: key } })
  const before = await servedRelease()
  const next = await deriveRelease(before, `contract-${Date.now()}`, 'LABEL quayside.migration=contract\n')
  const refused = await run('deploy', '--release', next)
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining(
      'the migrations of api contract the database, and no drill has verified a restore: 24 hours are allowed',
    ),
  ])
  expect(await servedRelease()).toBe(before)

  const backup = await run('backup')
  expect(backup.code, backup.output).toBe(0)
  const drill = await run('restore-drill')
  expect(drill.code, drill.output).toBe(0)
  const deployed = await run('deploy', '--release', next)
  expect(deployed.code, deployed.output).toBe(0)
  expect(deployed.output).toMatch(/the restore of \S+ was verified \d+ minutes ago/)
  expect(await servedRelease()).toBe(next)
})

test('while its host is away nothing is deployed, and what runs is left alone', async () => {
  const before = serviceSpecs()
  onNode('swarm-4', 'systemctl stop ssh.socket ssh')
  try {
    const { code, output } = await deploy('--inventory', folder)
    expect([code, output]).toEqual([
      4,
      expect.stringContaining('the hosts are not ready for a deploy: swarm-4 (unreachable)'),
    ])
  } finally {
    onNode('swarm-4', 'systemctl start ssh')
  }
  expect(serviceSpecs()).toEqual(before)
})

test('and back to its own: with what that had', async () => {
  const { code, output } = await deploy()
  expect(code, output).toBe(0)
  expect(services()).toContain('agentlab_postgres')
})
