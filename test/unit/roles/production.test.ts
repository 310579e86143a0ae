import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { schemasOf } from '../../../lib/engine/play.ts'
import { writeHosts } from '../../../lib/infra/write.ts'
import { Faults } from '../../../lib/inventory/fault.ts'
import { hostsSource } from '../../../lib/inventory/hosts-source.ts'
import { rolesOf } from '../../../lib/inventory/roles.ts'
import { survey } from '../../../lib/inventory/survey.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { everyPlay, others } from '../../../roles/stack.ts'
import { type SwarmVars, swarmVars } from '../../../roles/swarm/schema.ts'
import { demandSettings, elsewhere } from '../../../stack/on-swarm.ts'
import { varsOf } from './context.ts'

const example = fileURLToPath(new URL('../../../inventory/production', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'production-'))
afterAll(() => rmSync(copy, { recursive: true }))

const schemas = schemasOf(everyPlay)
const everywhere = new Set([
  ...['docker', 'firewall', 'log-collector'],
  ...schemasOf(others).map(({ role }) => role),
])

async function look(dir: string) {
  const { checked, faults, groups, members } = await survey({ env: 'production', dir, schemas })
  const played = rolesOf(members, schemas)
  const roles = Object.fromEntries(
    members.hosts.map((name) => [
      name,
      played(name)
        .map(({ role }) => role)
        .filter((role) => !everywhere.has(role)),
    ]),
  )
  const vars = (host: string) => checked.get(host)?.vars ?? {}
  return { checked, groups, roles, vars, other: faults.all.filter(({ about }) => about !== 'placeholder') }
}

const own = { docker_live_restore: false, docker_no_new_privileges: true }

describe('production as it comes', async () => {
  const { checked, groups, roles, vars, other } = await look(example)

  test('is a swarm with three managers, and a host of its own for the data', () => {
    expect(other).toEqual([])
    expect(roles).toEqual({
      'manager-1': ['swarm'],
      'manager-2': ['swarm'],
      'manager-3': ['swarm'],
      'worker-1': ['swarm'],
      'worker-2': ['swarm'],
      'edge-1': ['swarm'],
      'edge-2': ['swarm'],
      'db-1': ['postgres-pgvector', 'redis'],
    })
  })

  test('has nginx on the nodes that the internet reaches, and on no other', () => {
    for (const [name, its] of groups) {
      if (name === 'db-1') continue
      const labels = its.includes('public') ? { edge: 'true' } : {}
      expect(vars(name), name).toMatchObject({ ...own, swarm_labels: labels })
    }
  })

  test('gives the stack what it wants, and the data of group db by the same sources', () => {
    const { stack_settings, stack_secrets } = vars('manager-1') as unknown as SwarmVars
    const secrets = Object.fromEntries(
      Object.keys(stack_secrets).map((name) => [name, new Secret('x'.repeat(40))]),
    )
    const given = varsOf(swarmVars, { stack_settings, stack_secrets: secrets })
    expect(() => demandSettings(given)).not.toThrow()
    expect(elsewhere(given)).toEqual(['postgres', 'redis'])
    const address = checked.get('db-1')?.connection.private_address
    expect(stack_settings).toMatchObject({ DATABASE_HOST: address, REDIS_HOST: address })
    const { postgres_password, redis_password } = vars('db-1')
    expect(stack_secrets).toMatchObject({ postgres_password, redis_password })
  })
})

test('production as Terraform says it: the same roles and variables, and nobody edits hosts.yaml', async () => {
  const dir = join(copy, 'production')
  cpSync(example, dir, { recursive: true })
  writeFileSync(
    join(dir, 'terraform.yaml'),
    readFileSync(join(example, 'terraform.yaml.example'), 'utf8').replace('../../terraform', './terraform'),
  )
  rmSync(join(dir, 'hosts.yaml'))
  const faults = new Faults()
  const source = await hostsSource(dir, faults)
  expect(faults.all).toEqual([])
  const made = (tier: string, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${tier}-${index + 1}`
      const address = `10.30.128.${index + 10}`
      const way =
        tier === 'edge' ? { host: `203.0.113.${index + 1}`, jump: null } : { host: address, jump: 'edge-1' }
      return [name, { tier, private_address: address, ...way }] as const
    })
  const hosts = Object.fromEntries([
    ...made('edge', 3),
    ...made('manager', 3),
    ...made('worker', 1),
    ...made('db', 1),
  ])
  await writeHosts({ hosts, user: 'deploy' }, { folder: dir, source, check: false, force: false })
  const { groups, roles, vars, other } = await look(dir)
  expect(other).toEqual([])
  expect(groups.get('edge-3')).toEqual(['all', 'worker', 'public'])
  expect(vars('edge-3')).toMatchObject({ ...own, swarm_labels: { edge: 'true' } })
  expect(vars('worker-1')).toMatchObject({ ...own, swarm_labels: {} })
  expect(roles).toEqual({
    'edge-1': ['swarm'],
    'edge-2': ['swarm'],
    'edge-3': ['swarm'],
    'manager-1': ['swarm'],
    'manager-2': ['swarm'],
    'manager-3': ['swarm'],
    'worker-1': ['swarm'],
    'db-1': ['postgres-pgvector', 'redis'],
  })
})
