import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { surveyAll } from '../../../lib/check/inventories.ts'
import { stamped, stampOf, withoutStamp } from '../../../lib/inventory/hosts-stamp.ts'
import { loadInventory } from '../../../lib/inventory/load.ts'

const hosts = `# first
# Written by: npx zx playbooks/infra.ts inventory. Changes made here are lost.
all:
  children:
    app: { hosts: { app-1: { host: 10.0.0.1 } } }
    logs: { children: { app: {} } }
`
const grouping = { groups: { logs: ['app'] }, tiers: {} }
const source = 'folder: ../../made\nmax_age: 12h\ngroups: { logs: [app] }\n'
const hours = (count: number) => new Date(Date.now() - count * 3_600_000)
let root = ''
let dir = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'source-'))
  dir = join(root, 'inventory/made')
  mkdirSync(dir, { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (name: string, text: string) => writeFileSync(join(dir, name), text)
const load = () => loadInventory({ env: 'made', dir, schemas: [], secrets: false })

test('a stamp says when, and whether the text and the groups are still what they were', () => {
  const text = stamped(hosts, grouping, new Date('2026-11-27T09:00:00Z'))
  expect(text.split('\n')[2]).toMatch(
    /^# As Terraform said it at 2026-11-27T09:00:00.000Z, sum [0-9a-f]{12}\./,
  )
  expect(withoutStamp(text)).toBe(hosts)
  expect(stampOf(text, grouping)).toEqual({ at: new Date('2026-11-27T09:00:00Z'), holds: true })
  expect(stampOf(text.replace('10.0.0.1', '10.0.0.2'), grouping)?.holds).toBe(false)
  expect(stampOf(text, { ...grouping, groups: { logs: ['db'] } })?.holds).toBe(false)
  expect(stampOf(text, { ...grouping, tiers: { app: 'apps' } })?.holds).toBe(false)
  expect(stampOf(hosts, grouping)).toBe(undefined)
  expect(stamped(text, grouping, new Date(0)).match(/As Terraform/g)?.length).toBe(1)
})

test('hosts that were kept are hosts like any other', async () => {
  write('terraform.yaml', source)
  write('hosts.yaml', stamped(hosts, grouping, hours(11)))
  expect((await load()).hosts.map(({ groups: of, name }) => [name, of])).toEqual([
    ['app-1', ['all', 'logs', 'app']],
  ])
})

test.each<[string, () => void, RegExp]>([
  [
    'there are none',
    () => {},
    /terraform\.yaml:1:1: the hosts are not known here.*\n {4}npx zx .*inventory --env made/,
  ],
  [
    'they are too old',
    () => write('hosts.yaml', stamped(hosts, grouping, hours(49))),
    /hosts\.yaml:1:1: these hosts are 2 days old, and count for 12 hours/,
  ],
  [
    'a person wrote them',
    () => write('hosts.yaml', hosts),
    /terraform\.yaml says that Terraform has the hosts, and this is of a person/,
  ],
  [
    'somebody changed them',
    () => write('hosts.yaml', stamped(hosts, grouping, hours(1)).replace('10.0.0.1', '10.0.0.9')),
    /was changed since Terraform was asked/,
  ],
])('they are refused where %s', async (_, given, message) => {
  write('terraform.yaml', source)
  given()
  await expect(load()).rejects.toMatchObject({ message: expect.stringMatching(message), exitCode: 2 })
})

test('max_age never: a file of any age counts', async () => {
  write('terraform.yaml', source.replace('12h', 'never'))
  write('hosts.yaml', stamped(hosts, grouping, new Date(0)))
  expect((await load()).hosts.length).toBe(1)
})

test('what is wrong in terraform.yaml is told with its place', async () => {
  write('terraform.yaml', 'foldr: x\nmax_age: soon\ngroups: [logs]\ntiers: { edge: all }\n')
  write('hosts.yaml', hosts)
  const error = await load().catch((thrown: Error) => thrown.message)
  for (const line of [
    'terraform.yaml:1:1: unknown key `foldr`',
    'terraform.yaml:1:1: `folder` must say',
    'terraform.yaml:2:1: `max_age` is a time',
    'terraform.yaml:3:1: `groups` names',
    'terraform.yaml:4:1: `tiers` names',
  ])
    expect(error).toContain(line)
})

test('in npm run check the time that went by is a note, and a hand in the file a finding', async () => {
  write('terraform.yaml', source)
  expect(await surveyAll(root, [], [])).toMatchObject({
    findings: [],
    notes: [expect.stringContaining('not known here')],
  })
  write('hosts.yaml', stamped(hosts, grouping, hours(100)))
  expect(await surveyAll(root, [], [])).toMatchObject({
    findings: [],
    notes: [expect.stringContaining('4 days old')],
  })
  write('hosts.yaml', `${readFileSync(join(dir, 'hosts.yaml'), 'utf8')}# mine\n`)
  expect((await surveyAll(root, [], [])).findings.length).toBe(1)
})
