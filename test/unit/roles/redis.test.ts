import { describe, expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { redisConf } from '../../../roles/redis/redis-conf.ts'
import { redis } from '../../../roles/redis/role.ts'
import { redisVars } from '../../../roles/redis/schema.ts'
import { context, password, varsOf, visible } from './context.ts'

const vars = (given: Readonly<Record<string, unknown>> = {}) =>
  varsOf(redisVars, { redis_password: password, ...given })

describe('redis.conf', () => {
  const lines = (given = {}) => {
    const content = redisConf(vars(given))
    expect(String(content)).toBe('[secret]')
    return content instanceof Secret ? content.reveal().split('\n') : []
  }

  test('keeps data by a log and snapshots, and never evicts what does not expire', () => {
    expect(lines()).toEqual(
      expect.arrayContaining([
        'appendonly yes',
        'appendfsync everysec',
        'save 3600 1 300 100 60 10000',
        'maxmemory 400mb',
        'maxmemory-policy volatile-lru',
        'protected-mode yes',
      ]),
    )
  })

  test('quotes a password as redis reads it', () => {
    expect(lines()).toContain('requirepass "pa\\"ss\\\\word #1"')
  })
})

test('limits leave room for a snapshot by default', () => {
  const given = vars()
  expect(given.redis_maxmemory_mb).toBeLessThan(given.redis_memory_mb)
  expect(given.redis_memory_mb).toBeLessThanOrEqual(512)
})

test("the kernel's setting is the inventory's choice", () => {
  const ids = (given: Readonly<Record<string, unknown>>) =>
    redis.resources(context(vars(given))).map(({ id }) => id)
  expect(ids({})).toContain('command vm.overcommit_memory = 1')
  expect(ids({ redis_sysctl: false }).join()).not.toContain('overcommit')
})

test('it is published on the private address alone', () => {
  expect(visible(redis, context(vars()))).toContain('--publish 10.0.0.31:6379:6379/tcp')
})

test('no password shows', () => {
  expect(visible(redis, context(vars({ redis_password: new Secret('hunter2') })))).not.toContain('hunter2')
})
