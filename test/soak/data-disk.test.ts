import { afterAll, beforeAll, expect, test } from 'vitest'
import { paths } from '../../roles/postgres-pgvector/paths.ts'
import { type DiskHost, diskHost } from '../lab/disks.ts'

let host: DiskHost

beforeAll(async () => {
  host = await diskHost()
})

afterAll(async () => {
  await host.sweep()
})

test('a blank disk is the data’s home; without it there is no database, and a new host finds the old data on it', async () => {
  const [disk, other] = host.disks
  const made = await host.site(disk)
  expect(made.code, made.output).toBe(0)
  expect(await host.run(`findmnt -nro SOURCE,FSTYPE ${paths.disk}; ls ${paths.dataOnDisk}/PG_VERSION`)).toBe(
    `${disk} ext4\n${paths.dataOnDisk}/PG_VERSION\n`,
  )
  await host.psql('create table kept (what text); insert into kept values (42)')
  const again = await host.site(disk)
  expect(again.output).toMatch(/app-2 +\d+ +0 +0 +ok/)

  // The host comes up without its disk: what must not happen is a new and empty database on the system's own.
  await host.run(`docker stop -t 60 postgres >/dev/null; umount ${paths.disk}`)
  await expect(host.run('docker start postgres')).rejects.toThrow(/no such file or directory/)
  expect(await host.run(`ls -A ${paths.disk}`)).toBe('')

  const another = await host.site(other)
  expect([another.code, another.output]).toEqual([
    1,
    expect.stringContaining(`${other} is not the disk that it is on`),
  ])
  expect(await host.run(`blkid -p ${other} || echo $?`)).toBe('2\n')

  await host.isAnother()
  const anew = await host.site(disk)
  expect(anew.code, anew.output).toBe(0)
  expect(await host.psql('select what from kept')).toBe('42')
})
