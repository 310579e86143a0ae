import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../argv.ts'
import { type DiskHost, diskHost } from '../lab/disks.ts'

let host: DiskHost

beforeAll(async () => {
  host = await diskHost()
})

afterAll(async () => {
  await host.run('rm -rf /var/lib/postgres-before').finally(() => host.sweep())
})

/** The commands as a person finds them. */
function documented(): string {
  const text = readFileSync(join(root, 'roles/postgres-pgvector/README.md'), 'utf8')
  const [, block] = /`\$disk`:\n\n((?: {4}.*\n)+)/.exec(text) ?? []
  if (block === undefined) throw new Error('the README has no such commands')
  return block.replace(/^ {4}/gm, '')
}

test('a database in docker’s own place is refused a disk until it is moved there as the README says', async () => {
  const [disk] = host.disks
  const before = await host.site()
  expect(before.code, before.output).toBe(0)
  await host.psql('create table kept (what text); insert into kept values (42)')

  const refused = await host.site(disk)
  expect([refused.code, refused.output]).toEqual([
    1,
    expect.stringContaining('is not the disk that it is on'),
  ])
  expect(await host.run(`blkid -p ${disk} || echo $?`)).toBe('2\n')
  await host.run(`set -e; apt-get install -qq e2fsprogs >/dev/null 2>&1; disk=${disk}\n${documented()}`)
  const moved = await host.site(disk)
  expect(moved.code, moved.output).toBe(0)
  expect(await host.psql('select what from kept')).toBe('42')
  expect(await host.run('ls /var/lib/postgres-before/PG_VERSION')).not.toBe('')
})
