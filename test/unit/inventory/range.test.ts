import { expect, test } from 'vitest'
import { expandRange } from '../../../lib/inventory/range.ts'
import { fixture, redis } from './fixture.ts'

test.each([
  ['web-1', ['web-1']],
  ['web[1:3]', ['web1', 'web2', 'web3']],
  ['web[:2]', ['web0', 'web1', 'web2']],
  [
    'web[08:11].example.com',
    ['web08.example.com', 'web09.example.com', 'web10.example.com', 'web11.example.com'],
  ],
  ['[1:9:4]', ['1', '5', '9']],
  ['db-[a:c]', ['db-a', 'db-b', 'db-c']],
  ['r[1:2]-[x:y]', ['r1-x', 'r1-y', 'r2-x', 'r2-y']],
  ['web[7:7]', ['web7']],
])('%s', (name, hosts) => {
  expect(expandRange(name)).toEqual(hosts)
})

test.each([
  ['web[1:]', '`[1:]` is no range: it is `[first:last]` or `[first:last:step]`'],
  ['web[1]', '`[1]` is no range: it is `[first:last]` or `[first:last:step]`'],
  ['web[1:3:0]', '`[1:3:0]` is no range: it is `[first:last]` or `[first:last:step]`'],
  ['web[a:9]', '`[a:9]` is no range: it is `[first:last]` or `[first:last:step]`'],
  ['web[3:1]', '`[3:1]` runs downwards'],
  ['web[01:100]', '`[01:100]`: both ends must have as many digits where the first begins with 0'],
  ['web[0:99999999]', '`[0:99999999]` stands for more than 10000 hosts'],
  ['web[0:999][0:999]', '`web[0:999][0:999]` stands for more than 10000 hosts'],
])('%s is refused', (name, message) => {
  expect(() => expandRange(name)).toThrow(message)
})

const made = fixture()

test('hosts of a range share its variables, which a host of its own name overrides', async () => {
  const files = {
    'hosts.yaml': `db:
  hosts:
    db[01:03].internal: { port: 2222 }
    db02.internal: { port: 22 }
`,
    'host_vars/db03.internal.yaml': 'redis_port: 7000',
  }
  const { hosts } = await made.load(files)
  expect(hosts.map(({ name, target, vars }) => [name, target.port, vars.redis_port])).toEqual([
    ['db01.internal', 2222, 6379],
    ['db02.internal', 22, 6379],
    ['db03.internal', 2222, 7000],
  ])
})

test('a role is played on the hosts of its pattern, and asks for its variables where they belong', async () => {
  const hosts = { 'hosts.yaml': 'db: { hosts: { "db[1:3]": } }\napp: { hosts: { app-1: } }' }
  const inventory = await made.load(hosts, [{ ...redis, hosts: 'db:!db[0]' }])
  expect(inventory.hosts.map(({ vars }) => vars.redis_port)).toEqual([undefined, 6379, 6379, undefined])

  const { default: _, ...port } = redis.schema.properties.redis_port ?? {}
  const needy = (pattern: string) => ({
    role: 'redis',
    hosts: pattern,
    schema: { ...redis.schema, properties: { redis_port: port }, required: ['redis_port'] },
  })
  expect(await made.complaint(hosts, [needy('db:!db[0]')])).toBe(
    `inventory/lab/hosts.yaml:1:1: \`redis_port\` is missing on db2, db3: role redis needs it
    add to inventory/lab/group_vars/db.yaml: \`redis_port: …\`, an integer from 1 to 65535`,
  )
  expect(await made.complaint(hosts, [needy('app*')])).toContain('add to inventory/lab/host_vars/app-1.yaml')
})
