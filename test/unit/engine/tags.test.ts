import { expect, test } from 'vitest'
import { role } from '../../../lib/engine/role.ts'
import { checkTags, isWanted, knownTags } from '../../../lib/engine/tags.ts'

// What Ansible does, by its documentation on tags; a row is a resource of role `web`.
const table: [tags: string[], want: string[], skip: string[], wanted: boolean][] = [
  [[], [], [], true],
  [['tls'], [], [], true],
  [['tls'], ['tls'], [], true],
  [['tls'], ['db'], [], false],
  [['tls', 'db'], ['db'], [], true],
  [['tls'], [], ['tls'], false],
  [['tls'], ['tls'], ['tls'], false],
  [['tls'], ['web'], [], true],
  [[], ['web'], ['tls'], true],
  [['always'], ['db'], [], true],
  [['always'], ['db'], ['always'], false],
  [['never'], [], [], false],
  [['never'], ['web'], [], false],
  [['never', 'debug'], ['debug'], [], true],
  [['never', 'debug'], ['all'], [], false],
  [['tls'], ['all'], [], true],
  [['tls'], ['tagged'], [], true],
  [[], ['tagged'], [], false],
  [['tls'], ['untagged'], [], false],
  [[], ['untagged'], [], true],
  [['tls'], [], ['tagged'], false],
  [[], [], ['untagged'], false],
]

test.each(table)('tags %j under --tags %j --skip-tags %j: %s', (own, tags, skip, wanted) => {
  expect(isWanted('web', new Set(own), { tags, skip })).toBe(wanted)
})

const web = role({
  name: 'web',
  about: 'web',
  tags: ['tls'],
  vars: { type: 'object', properties: {}, additionalProperties: false },
  resources: () => [],
})
const plays = [{ hosts: 'all', roles: [web], tags: ['front'] }]

test('tags are known from plays, roles and what roles declare', () => {
  expect(knownTags(plays)).toEqual(['front', 'tls', 'web'])
})

test('a tag that nothing has is refused, with the nearest', () => {
  expect(() => checkTags({ tags: ['tsl'], skip: [] }, plays)).toThrow(
    '--tags: nothing here has the tag `tsl`',
  )
  expect(() => checkTags({ tags: [], skip: ['fornt'] }, plays)).toThrow('--skip-tags')
  expect(() => checkTags({ tags: ['all', 'untagged'], skip: ['tls', 'never'] }, plays)).not.toThrow()
})
