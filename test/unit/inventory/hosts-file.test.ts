import { expect, test } from 'vitest'
import { fixture } from './fixture.ts'

const made = fixture()

test.each([
  [
    'an empty file',
    '',
    'inventory/lab/hosts.yaml:1:1: no groups here\n    start with `all:`, then `children:`, then a group with its `hosts:`',
  ],
  [
    'a key that a group does not have',
    'db:\n  host:\n    db-1:\n',
    'inventory/lab/hosts.yaml:2:3: unknown key `host` in group `db`\n    did you mean `hosts`?',
  ],
  [
    'a list of hosts',
    'db:\n  hosts: [db-1]\n',
    'inventory/lab/hosts.yaml:2:3: `hosts` of group `db` must be a mapping\n    write each name with a colon: `edge-1:`',
  ],
  [
    'a host in no group',
    'all:\n  hosts:\n    db-1:\n',
    'inventory/lab/hosts.yaml:3:5: host `db-1` is in no group\n    list it in a group under `children:`, too',
  ],
  [
    'a cycle of groups',
    'a:\n  children:\n    b:\n      children:\n        a:\n  hosts:\n    one:\n',
    'inventory/lab/hosts.yaml:5:9: group `a` contains itself: a > b > a',
  ],
  [
    'a cycle in two places',
    'a:\n  children: { b: }\nb:\n  children: { a: }\n  hosts: { one: }\n',
    'inventory/lab/hosts.yaml:4:15: group `a` contains itself: a > b > a',
  ],
  [
    'a group in itself',
    'a:\n  children: { a: }\n',
    'inventory/lab/hosts.yaml:2:15: group `a` contains itself: a > a',
  ],
  [
    'all as a child',
    'a:\n  children: { all: }\n',
    'inventory/lab/hosts.yaml:2:15: the group `all` holds every other and cannot be a child',
  ],
  [
    'one name for a host and a group',
    'db:\n  hosts: { db: }\n',
    'inventory/lab/hosts.yaml:2:12: `db` is both a host and a group\n    rename one of the two',
  ],
  [
    'a range that is none',
    'db:\n  hosts:\n    db-[3:1]:\n',
    'inventory/lab/hosts.yaml:3:5: `[3:1]` runs downwards\n    for example `web[01:20].internal`, or `db-[a:c]`',
  ],
  [
    'a range of groups',
    'db[1:2]:\n  hosts:\n    one:\n',
    'inventory/lab/hosts.yaml:1:1: `db[1:2]` cannot be the name of a group\n    ranges are for hosts alone',
  ],
  [
    'a duplicate key',
    'db:\n  hosts:\n    db-1:\n    db-1:\n',
    'inventory/lab/hosts.yaml:4:5: `db-1` is given twice\n    keep one of the two: YAML would silently drop the other',
  ],
  [
    'a syntax error',
    'db:\n  hosts: {\n',
    'inventory/lab/hosts.yaml:3:1: YAML: flow map in block collection must be sufficiently indented and end with a }',
  ],
  [
    'an unquoted {state}',
    'db:\n  hosts:\n    db-1:\n      identity_file: {state}/id\n',
    "inventory/lab/hosts.yaml:4:29: YAML: unexpected scalar at node end\n    quote the path: '{state}/…'",
  ],
])('%s', async (_, hosts, complaint) => {
  expect(await made.complaint({ 'hosts.yaml': hosts })).toBe(complaint)
})

test('variables of names that do not exist, in files that would not be read, in two places', async () => {
  const complaint = await made.complaint({
    'hosts.yaml': 'db:\n  hosts: { db-1: }\n',
    'group_vars/bd.yaml': '',
    'group_vars/monitoring.yaml': '',
    'group_vars/db.yaml': '',
    'group_vars/db/more.yaml': '',
    'group_vars/all.json': '{}',
    'host_vars/db1.yaml': '',
  })
  expect(complaint).toBe(`inventory/lab/group_vars/all.json:1:1: this file is not read
    rename it to end in .yaml
inventory/lab/group_vars/bd.yaml:1:1: no group is called \`bd\`
    did you mean \`db\`?
inventory/lab/group_vars/db.yaml:1:1: a second place for the variables of \`db\`
    merge it into inventory/lab/group_vars/db/more.yaml
inventory/lab/group_vars/monitoring.yaml:1:1: no group is called \`monitoring\`
    the inventory has: all, db
inventory/lab/host_vars/db1.yaml:1:1: no host is called \`db1\`
    did you mean \`db-1\`?`)
})

test('an environment that does not exist, a folder without hosts.yaml', async () => {
  await made.load(
    { 'hosts.yaml': 'db: { hosts: { db-1: } }', '../staging/hosts.yaml': '', '../empty/x': '' },
    [],
  )
  const { loadInventory } = await import('../../../lib/inventory/load.ts')
  const load = (env: string) => loadInventory({ env, dir: `${made.root}/inventory/${env}`, schemas: [] })
  await expect(load('stagin')).rejects.toMatchObject({
    message: `there is no environment \`stagin\`: ${made.root}/inventory/stagin does not exist`,
    hint: 'did you mean `staging`? the environments are: lab, staging',
    exitCode: 2,
  })
  await expect(load('empty')).rejects.toMatchObject({
    message: `${made.root}/inventory/empty/hosts.yaml does not exist`,
    hint: 'the environments are: lab, staging',
    exitCode: 2,
  })
})

test('select knows groups, hosts and all, and the nearest of them', async () => {
  const inventory = await made.load({
    'hosts.yaml': 'db: { hosts: { db-1:, db-2: } }\napp: { hosts: { app-1: } }\nspare:',
  })
  const names = (name: string) => inventory.select(name).map((host) => host.name)
  expect(names('all')).toEqual(['db-1', 'db-2', 'app-1'])
  expect(names('db')).toEqual(['db-1', 'db-2'])
  expect(names('db-2')).toEqual(['db-2'])
  expect(names('spare')).toEqual([])
  expect(() => names('bd')).toThrow(
    expect.objectContaining({
      message: 'no group or host is called `bd`',
      hint: 'did you mean `db`?',
      exitCode: 2,
    }),
  )
  expect(() => names('postgres')).toThrow(
    expect.objectContaining({ hint: 'the inventory has: all, db, app, spare, db-1, db-2, app-1' }),
  )
})
