import { describe, expect, test } from 'vitest'
import { type Members, select, selectPresent } from '../../../lib/inventory/select.ts'

/** Hosts and groups; `ansible -i … PATTERN --list-hosts` gave the first table its answers (ansible-core 2.14). */
const members: Members = {
  hosts: ['web1.example', 'web2.example', 'web3.example', 'db-a', 'db-b'],
  groups: new Map([
    ['all', ['web1.example', 'web2.example', 'web3.example', 'db-a', 'db-b']],
    ['web', ['web1.example', 'web2.example', 'web3.example']],
    ['db', ['db-a', 'db-b']],
    ['dc1', ['web1.example', 'db-a']],
    ['empty', []],
  ]),
}
const all = members.hosts
const web = members.groups.get('web')

describe('as Ansible selects', () => {
  test.each<[string, readonly string[] | undefined]>([
    ['all', all],
    ['*', all],
    ['web', web],
    ['db-a', ['db-a']],
    ['empty', []],
    ['web[0]', ['web1.example']],
    ['web[-1]', ['web3.example']],
    ['web[1:2]', ['web2.example', 'web3.example']],
    ['web[1:]', ['web2.example', 'web3.example']],
    ['web[1:9]', ['web2.example', 'web3.example']],
    ['web:!dc1', ['web2.example', 'web3.example']],
    ['!dc1', ['web2.example', 'web3.example', 'db-b']],
    ['&dc1', ['web1.example', 'db-a']],
    ['web:&dc1', ['web1.example']],
    ['web,db', all],
    ['web, db', all],
    ['db:web', ['db-a', 'db-b', 'web1.example', 'web2.example', 'web3.example']],
    ['dc1:web', ['web1.example', 'db-a', 'web2.example', 'web3.example']],
    ['web*', web],
    ['*.example', web],
    ['web?.example', web],
    ['web[12].example', ['web1.example', 'web2.example']],
    ['web[!1].example', ['web2.example', 'web3.example']],
    ['w*[0]', ['web1.example']],
    ['d*', ['db-a', 'db-b', 'web1.example']],
    ['~(web|db)', all],
    ['~web[12]', ['web1.example', 'web2.example']],
    ['~web\\d\\.example', web],
    ['web[0]:db[0]', ['web1.example', 'db-a']],
    ['!web:db', ['db-a', 'db-b']],
    ['db:!web[0]', ['db-a', 'db-b']],
    ['web:db:&dc1:!db-a', ['web1.example']],
    ['web[0]:!dc1', []],
    ['!all', []],
  ])('%s', (pattern, hosts) => {
    expect(select(pattern, members)).toEqual(hosts)
  })
})

describe('where Ansible splits, or matches, what was not meant', () => {
  test.each<[string, string, readonly string[] | undefined]>([
    ['a comma in a regular expression', '~web\\d{1,3}', web],
    ['a colon in a regular expression', '~(?:web|zzz)1', ['web1.example']],
    ['both separators', 'db-a,web:!dc1', ['web2.example', 'web3.example']],
    ['a glob that "all" would match', 'a*:db', undefined],
    ['a range from the beginning, as its manual has it', 'web[:1]', ['web1.example', 'web2.example']],
    ['a range from the end', 'web[-2:]', ['web2.example', 'web3.example']],
    ['no host twice, nor counted twice', 'd*[2]', ['web1.example']],
  ])('%s: %s', (_, pattern, hosts) => {
    if (hosts === undefined) expect(() => select(pattern, members)).toThrow('matches no group or host')
    else expect(select(pattern, members)).toEqual(hosts)
  })
})

describe('what matches nothing', () => {
  test.each([
    ['wbe', 'no group or host is called `wbe`', 'did you mean `web`?'],
    ['DB', 'no group or host is called `DB`', 'did you mean `db`?'],
    ['web,nope', 'no group or host is called `nope` (in `web,nope`)', 'the inventory has: all, web, db'],
    ['web:!db-c', 'no group or host is called `db-c` (in `web:!db-c`)', 'did you mean `db-a`?'],
    ['web:&dc2', 'no group or host is called `dc2` (in `web:&dc2`)', 'did you mean `dc1`?'],
    ['localhost', 'no group or host is called `localhost`', 'the inventory has: '],
    ['wbe*', '`wbe*` matches no group or host', 'did you mean `web`?'],
    ['~b-', '`~b-` matches no group or host', 'the inventory has: '],
    ['web[5]', '`web` has 3 hosts, and none at that place (in `web[5]`)', '`web[0]` to `web[2]` are there'],
    ['web[-4]', '`web` has 3 hosts, and none at that place (in `web[-4]`)', '`web[0]` to `web[2]` are there'],
    [
      'web[2:1]',
      '`web` has 3 hosts, and none at that place (in `web[2:1]`)',
      '`web[0]` to `web[2]` are there',
    ],
    ['db-a[1]', '`db-a` has 1 host, and none at that place (in `db-a[1]`)', '`db-a[0]` is there'],
  ])('%s', (pattern, message, hint) => {
    expect(() => select(pattern, members)).toThrow(
      expect.objectContaining({ message, hint: expect.stringContaining(hint), exitCode: 2 }),
    )
  })

  test('selects nothing where a role may be for a group that an environment lacks', () => {
    expect(selectPresent('cache', members)).toEqual([])
    expect(selectPresent('db:cache[0]:web[7]', members)).toEqual(['db-a', 'db-b'])
    expect(selectPresent('web:&cache', members)).toEqual([])
    expect(selectPresent('db:!cache', members)).toEqual(['db-a', 'db-b'])
  })
})

test.each([
  ['', '"" names no host'],
  [' , ', '" , " names no host'],
  ['web:!', '`!` stands without a name in `web:!`'],
  ['web[1-2]', '`web[1-2]` is no range of hosts: it takes a colon and numbers'],
  ['web[:]', '`web[:]` is no range of hosts: it takes a colon and numbers'],
  ['web[3-1].example', '`web[3-1].example` is not a glob: a set like `[a-c]` runs upwards'],
])('%j is no pattern', (pattern, message) => {
  expect(() => select(pattern, members)).toThrow(expect.objectContaining({ message, exitCode: 2 }))
})

test('a wrong regular expression is told as one', () => {
  expect(() => select('~web(', members)).toThrow(/^`~web\(` is not a regular expression: /)
})
