import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { limit } from '../../../lib/inventory/limit.ts'
import { present } from '../../../lib/inventory/present.ts'
import { fixture } from './fixture.ts'

const made = fixture()
const files = { 'hosts.yaml': 'db: { hosts: { db-1:, db-2: } }\napp: { hosts: { app-1: } }\nspare:' }
const names = (hosts: readonly { name: string }[]) => hosts.map(({ name }) => name)

test('a limit is a pattern; its hosts come in the order of the inventory, which keeps them all', async () => {
  const inventory = await made.load(files)
  expect(names(limit(inventory, 'app:db[0]'))).toEqual(['db-1', 'app-1'])
  expect(names(limit(inventory, 'all:!*-2'))).toEqual(['db-1', 'app-1'])
  expect(names(inventory.select('all'))).toEqual(['db-1', 'db-2', 'app-1'])
})

test('a file of hosts, one a line, alone and as a part', async () => {
  const inventory = await made.load(files)
  const file = join(made.root, 'site.retry')
  await writeFile(file, '# failed last time\n\ndb-2  # slow\r\napp-1\n')
  expect(names(limit(inventory, `@${file}`))).toEqual(['db-2', 'app-1'])
  expect(names(limit(inventory, `db-1,@${file}`))).toEqual(['db-1', 'db-2', 'app-1'])
  expect(names(limit(inventory, `@${file}:!app`))).toEqual(['db-2'])
})

test('a limit that leaves no host is an error, and so is each part that matches nothing', async () => {
  const inventory = await made.load(files)
  const file = join(made.root, 'site.retry')
  const refuses = (pattern: string, message: string, hint?: unknown) =>
    expect(() => limit(inventory, pattern), pattern).toThrow(
      expect.objectContaining({ message, exitCode: 2, ...(hint === undefined ? {} : { hint }) }),
    )
  refuses('bd', '--limit: no group or host is called `bd`', 'did you mean `db`?')
  refuses('db:&app', '--limit db:&app matches no host')
  refuses('spare', '--limit spare matches no host')
  refuses(
    '@/nowhere',
    "--limit @/nowhere: it cannot be read: ENOENT: no such file or directory, open '/nowhere'",
  )
  await writeFile(file, '# none\n')
  refuses(`@${file}`, `--limit @${file}: ${file} names no host`)
  await writeFile(file, 'db-3\n')
  refuses(`@${file}`, '--limit: no group or host is called `db-3`', 'did you mean `db-1`?')
})

test('a group that an environment may lack has no hosts where there is none', async () => {
  const inventory = await made.load(files)
  expect(names(present(inventory, 'db-*'))).toEqual(['db-1', 'db-2'])
  expect(present(inventory, 'logs')).toEqual([])
  expect(() => inventory.select('logs')).toThrow('no group or host is called `logs`')
})
