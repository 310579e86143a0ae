import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changesOf } from '../../../lib/infra/changes.ts'
import { holdsData } from '../../../lib/infra/holds-data.ts'
import { digestOf } from '../../../lib/infra/plan.ts'
import { parsePlan, type RawResource } from '../../../lib/infra/plan-json.ts'
import { driftLines, planLines, summary } from '../../../lib/infra/plan-lines.ts'
import { folder } from '../../terraform/terraform.ts'

const thing = (type: string, actions: string[], more: Partial<RawResource> = {}): RawResource => ({
  address: `${type}.it`,
  mode: 'managed',
  type,
  change: { actions, before: null, after: null },
  ...more,
})
const planOf = (...resource_changes: RawResource[]) => changesOf({ format_version: '1.2', resource_changes })

test('what is done to each thing, and why; what stays and what is only read is no change', () => {
  const { things } = planOf(
    thing('aws_instance', ['create']),
    thing('aws_eip', ['update']),
    thing('aws_ebs_volume', ['delete', 'create'], { action_reason: 'replace_because_tainted' }),
    thing('aws_subnet', ['create', 'delete'], { action_reason: 'replace_by_triggers' }),
    thing('aws_s3_bucket', ['delete'], { action_reason: 'delete_because_no_resource_config' }),
    thing('aws_db_instance', ['delete'], { deposed: 'abc' }),
    thing('aws_vpc', ['forget']),
    thing('aws_route', ['no-op'], { previous_address: 'aws_route.old' }),
    thing('aws_kms_key', ['no-op'], { change: { actions: ['no-op'], importing: { id: 'k' } } }),
    thing('aws_key_pair', ['no-op']),
    thing('aws_ami', ['read'], { mode: 'data' }),
  )
  expect(planLines({ things, drift: [], outputs: [] }, false).map(({ text }) => text)).toEqual([
    '+ aws_instance.it is made',
    '~ aws_eip.it changes',
    '± aws_ebs_volume.it is replaced: destroyed, and made anew (it was left half-made; IT HOLDS DATA)',
    '± aws_subnet.it is replaced: destroyed, and made anew (something that it hangs on changes)',
    '- aws_s3_bucket.it is destroyed (the configuration has it no longer; IT HOLDS DATA)',
    '- aws_db_instance.it (deposed abc) is destroyed (IT HOLDS DATA)',
    '. aws_vpc.it is forgotten, and stays where it is',
    '> aws_route.it has another address (it was aws_route.old)',
    '< aws_kms_key.it is taken over as it is',
  ])
  expect(summary(things)).toBe(
    '1 is made, 1 is changed, 2 are replaced, 2 are destroyed, 1 is forgotten, 1 is taken over, 1 is moved',
  )
})

test('of many attributes those that force a replacement come first, and all of them with -v', () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`a${n}`, n]))
  const { things } = planOf(
    thing('aws_instance', ['delete', 'create'], {
      change: { actions: ['delete', 'create'], before: {}, after: many, replace_paths: [['a19']] },
    }),
  )
  const few = planLines({ things, drift: [], outputs: [] }, false).map(({ text }) => text)
  expect(few[1]).toBe('    a19: 19   <- cannot change in place')
  expect(few.at(-1)).toBe('    … and 8 more: -v shows them')
  expect(planLines({ things, drift: [], outputs: [] }, true).length).toBe(21)
})

test('what is gone, and what is not as it was made', () => {
  const { drift } = changesOf({
    format_version: '1.2',
    resource_drift: [
      thing('aws_instance', ['delete']),
      thing('aws_eip', ['update'], { change: { actions: ['update'], before: { a: 1 }, after: { a: 2 } } }),
    ],
  })
  expect(driftLines(drift, false).map(({ text }) => text)).toEqual([
    '- aws_instance.it is gone',
    '~ aws_eip.it is not as it was made',
    '    a: 1 -> 2',
  ])
})

test('a number for what a plan reads like, whatever its order in time', () => {
  const plan = (size: string) =>
    planOf(thing('aws_instance', ['create'], { change: { actions: ['create'], after: { size } } }))
  expect(digestOf(plan('small'))).toBe(digestOf(plan('small')))
  expect(digestOf(plan('small'))).not.toBe(digestOf(plan('large')))
})

test('a plan of another version is refused', () => {
  expect(() => parsePlan('{ "format_version": "2.0" }')).toThrow('version that is not known')
})

test('of all that the modules make, these hold data', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tf'),
  )
  const types = new Set(
    files.flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/^resource "(\w+)"/gm)].map(
        ([, type]) => type ?? '',
      ),
    ),
  )
  const change = { actions: ['delete'], before: {} }
  expect([...types].filter((type) => holdsData({ type, change })).sort()).toEqual([
    'aws_db_instance',
    'aws_ebs_volume',
    'aws_ecr_repository',
    'aws_elasticache_replication_group',
    'aws_kms_key',
    'aws_s3_bucket',
    'azurerm_container_registry',
    'azurerm_managed_disk',
    'azurerm_postgresql_flexible_server',
    'azurerm_postgresql_flexible_server_database',
    'azurerm_redis_cache',
    'azurerm_resource_group',
    'azurerm_storage_account',
    'azurerm_storage_container',
    'google_artifact_registry_repository',
    'google_compute_disk',
    'google_redis_instance',
    'google_sql_database',
    'google_sql_database_instance',
    'google_storage_bucket',
  ])
})

test.each([
  ['aws_instance', { tags: { holds: 'data' } }, true],
  ['google_compute_instance', { labels: { holds: 'data' } }, true],
  ['aws_instance', { tags: { holds: 'nothing' } }, false],
  ['aws_route_table', {}, false],
  ['google_compute_attached_disk', {}, false],
  ['aws_dynamodb_table', {}, true],
])('%s with %j', (type, before, expected) => {
  expect(holdsData({ type, change: { actions: ['delete'], before } })).toBe(expected)
})
