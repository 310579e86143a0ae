import { fileURLToPath } from 'node:url'
import { expect, inject, test } from 'vitest'
import { type Connection, openConnection } from '../../lib/connection/index.ts'
import { Fleet } from '../../lib/engine/fleet.ts'
import { schemasOf } from '../../lib/engine/play.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { hosts } from '../../lib/lab/topology.ts'
import { everyPlay, stack } from '../../roles/stack.ts'
import { onHost } from './lab-host.ts'
import { lookAtAll } from './look.ts'
import { inLab } from './playbook.ts'

test('--check --diff on untouched hosts shows the whole plan, and changes nothing', () => {
  const { fresh, before, after, code, output } = inject('untouched')
  expect(code, output).toBe(0)
  expect(after).toEqual(before)
  if (!fresh) return
  expect(output).toMatch(/db-1 +pending +packages .*docker\.io/)
  expect(output).toMatch(/db-1 +unknown +container postgres/)
  expect(output).toContain('+  "live-restore": true')
  expect(output).not.toMatch(/ (changed|failed) +/)
})

test('site, run again, changes nothing on any role', async () => {
  const { code, stdout } = await inLab('site')
  expect(code, stdout).toBe(0)
  expect(stdout).not.toMatch(/^ {2}\S+ +changed /m)
  for (const { name } of hosts) expect(stdout).toMatch(new RegExp(`^ +${name} +\\d+ +0 +0 +ok$`, 'm'))
})

test('--check --diff on hosts that differ shows the plan, exits 3 when asked to, and changes nothing', async () => {
  await onHost('db-1', `sed -i 's/^maxmemory .*/maxmemory 1mb/' /etc/quayside/redis/redis.conf`)
  const before = await lookAtAll()
  const { code, stdout } = await inLab('site', ['--check', '--diff', '--exit-code'])
  expect(await lookAtAll()).toEqual(before)
  expect(code, stdout).toBe(3)
  expect(stdout).toMatch(/db-1 +pending +(file|template) \/etc\/quayside\/redis\/redis\.conf/)

  const repaired = await inLab('site')
  expect(repaired.code, repaired.output).toBe(0)
  expect(repaired.stdout).toMatch(/db-1 +changed +handler redis\//)
  expect((await inLab('site', ['--check', '--exit-code'])).code).toBe(0)
})

test('a handler owed by a run that died is paid by the next one', async () => {
  const debt = encodeURIComponent('redis/restart redis')
  await onHost('db-1', `mkdir -p /var/lib/quayside/debts && touch '/var/lib/quayside/debts/${debt}'`)
  const { code, stdout } = await inLab('site')
  expect(code, stdout).toBe(0)
  expect(stdout).toContain('handler redis/restart redis (owed by an earlier run)')
  expect(await onHost('db-1', 'ls -A /var/lib/quayside/debts')).toBe('')
})

test('with nothing to change, all roles of a host cost two round trips', async () => {
  const dir = fileURLToPath(new URL('../../inventory/lab', import.meta.url))
  const connections: Connection[] = []
  const fleet = new Fleet({
    inventory: await loadInventory({
      env: 'lab',
      dir,
      schemas: schemasOf(stack),
      besides: schemasOf(everyPlay),
    }),
    connect: async (host, options) => {
      const connection = await openConnection(host.target, options)
      connections.push(connection)
      return connection
    },
    forks: 5,
    check: false,
    emit: () => undefined,
    signal: new AbortController().signal,
  })
  await fleet.converge(stack)
  await fleet.close()
  expect(fleet.tallies.map(({ changed, state }) => [changed, state])).toEqual(hosts.map(() => [0, 'ok']))
  expect(connections.map(({ trips }) => trips)).toEqual(hosts.map(() => 2))
})

test('what somebody leaves behind in the container of PostgreSQL, and is killed, is no crash of the server', async () => {
  const said = await onHost(
    'db-1',
    `since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
docker exec postgres sh -c '(sleep 60 & echo $! >/tmp/orphan)'
sleep 1
docker exec postgres sh -c 'kill -9 "$(cat /tmp/orphan)" && rm /tmp/orphan'
sleep 2
docker logs --since "$since" postgres 2>&1
docker exec -u postgres postgres psql -XAtc 'select 1'`,
  )
  expect(said).not.toContain('terminated by signal')
  expect(said).toMatch(/^1$/m)
})
