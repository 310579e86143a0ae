import { expect, test } from 'vitest'
import { hosts } from '../../lib/lab/topology.ts'
import { onHost } from './lab-host.ts'
import { inLab } from './playbook.ts'

/** Everything of a host that a playbook could change: files with their content, packages, units, containers. */
const look = `
find /etc /var/lib/quayside /root /usr/local -xdev -type f ! -name 'ld.so.cache' -printf '%p %m %U %G %s ' -exec sha256sum {} \\; | sort
find /etc /var/lib/quayside -xdev ! -type f -printf '%p %y %m %U %G %l\\n' | sort
dpkg-query -W
systemctl list-unit-files --no-legend | sort
docker ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.Image}} {{.State}}' | sort
docker network ls -q --no-trunc | sort; docker volume ls -q | sort; docker image ls -q --no-trunc | sort
cat /etc/passwd /etc/group`

const lookAtAll = () => Promise.all(hosts.map(async ({ name }) => `${name}\n${await onHost(name, look)}`))

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
