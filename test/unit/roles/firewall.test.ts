import { describe, expect, test } from 'vitest'
import { firewall } from '../../../roles/firewall/role.ts'
import { firewallVars } from '../../../roles/firewall/schema.ts'
import { context, host, varsOf } from './context.ts'

const vars = (given: Readonly<Record<string, unknown>> = {}) => varsOf(firewallVars, given)
const ids = (given: Readonly<Record<string, unknown>>) =>
  firewall.resources(context(vars(given))).map(({ id }) => id)

/** What the host would be asked to load. */
function rulesOf(given: Readonly<Record<string, unknown>>): string {
  const probe = String(firewall.resources(context(vars(given))).at(-1)?.probe)
  const [, encoded = ''] = /nft -f - [^\n]* <<'_'\n([^_]+)\n_\n/.exec(probe) ?? []
  return Buffer.from(encoded, 'base64').toString('utf8')
}

test('a host that has no rules has no firewall, and none is taken away', () => {
  expect(ids({})).toEqual([])
  expect(ids({ firewall_deny: [{ tcp: [25] }] })).toEqual([])
  expect(ids({ firewall_allow: [] })).toEqual(['packages nftables', 'firewall'])
  expect(ids({ firewall_allow: [{ tcp: [22] }], firewall_absent: true })).toEqual(['firewall'])
})

test('hosts of the inventory are let in by their private addresses', () => {
  const text = rulesOf({
    firewall_allow: [
      { tcp: [5432, 6379], hosts: 'app', comment: 'the apps' },
      { tcp: [22], from: ['@office'], hosts: 'app' },
    ],
    firewall_sets: { office: ['203.0.113.0/24'] },
    firewall_published: [{ tcp: ['8000-8010'], from: ['10.0.0.0/8'] }],
  })
  expect(text).toContain(
    'ip saddr { 10.0.0.21, 10.0.0.22 } tcp dport { 5432, 6379 } accept comment "the apps"',
  )
  expect(text).toContain('ip saddr { 10.0.0.21, 10.0.0.22 } tcp dport 22 accept\n\t\tip saddr @office4 tcp')
  expect(text).toContain('ip saddr 10.0.0.0/8 meta l4proto tcp ct original proto-dst 8000-8010 accept')
})

test('a host known by a name alone cannot be let in', () => {
  const named = context(vars({ firewall_allow: [{ tcp: [22], hosts: 'app' }] }), {
    group: () => [host('app-9', 'app-9.test')],
  })
  expect(() => firewall.resources(named)).toThrow(
    'app-9: a firewall is to let in app-9.test, which is a name',
  )
})

describe('what is wrong in the inventory', () => {
  test.each([
    { tcp: [70_000] },
    { tcp: ['http'] },
    { tcp: [] },
    { tcp: [22], from: ['10.0.0.300'] },
    { tcp: [22], from: ['10.0.0.0/33'] },
    { tcp: [22], from: ['db-1'] },
    { tcp: [22], from: [] },
    { tcp: [22], form: ['10.0.0.1'] },
    { tcp: [22], comment: '"' },
  ])('is told by the schema: %j', (rule) => {
    expect(() => vars({ firewall_allow: [rule] })).toThrow()
  })

  test.each([
    [{ tcp: [22], from: ['10.0.0.1/8'] }, 'allow[0]: from has bits beyond its prefix'],
    [{ from: ['10.0.0.1'] }, 'allow[0] names no port'],
    [{ tcp: ['90-80'] }, 'allow[0]: a range of ports goes upwards'],
    [{ tcp: [22], from: ['@office'] }, 'allow[0]: there is no set "office"'],
  ])('or by the role, as wrong usage: %j', (rule, message) => {
    expect(() => ids({ firewall_allow: [rule] })).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`db-1: firewall: ${message}`),
        exitCode: 2,
      }),
    )
  })

  test('a pattern that matches nobody lets nobody in, and not anybody', () => {
    expect(() => ids({ firewall_allow: [{ tcp: [22], hosts: 'nobody' }] })).toThrow('from is empty')
  })
})
