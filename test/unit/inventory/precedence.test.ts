import { describe, expect, test } from 'vitest'
import { type Files, fixture, type More, roleOf } from './fixture.ts'

const { load } = fixture_()
const anything = roleOf('any', 'all', { x: { default: 'of the role' }, y: {} })

function fixture_() {
  const made = fixture()
  return { load: (files: Files, more?: More) => made.load(files, [anything], more) }
}

/** Ansible's order, as docs/variables.md tables it. Each layer is tried against the one after it, which must win. */
const layers = [
  'hosts.yaml vars of all',
  'hosts.yaml vars of the parent',
  'hosts.yaml vars of the child alpha',
  'hosts.yaml vars of the child beta',
  'group_vars/all',
  'group_vars/parent',
  'group_vars/alpha',
  'group_vars/beta',
  'hosts.yaml vars of the host',
  'host_vars',
  '--extra-vars',
] as const

function inventory(set: (layer: (typeof layers)[number]) => string | undefined): Files {
  const vars = (layer: (typeof layers)[number]) => {
    const value = set(layer)
    return value === undefined ? '{}' : `{ x: ${value} }`
  }
  return {
    'hosts.yaml': `
all:
  vars: ${vars('hosts.yaml vars of all')}
  children:
    parent:
      vars: ${vars('hosts.yaml vars of the parent')}
      children:
        beta:
          vars: ${vars('hosts.yaml vars of the child beta')}
          hosts:
            one: ${vars('hosts.yaml vars of the host')}
        alpha:
          vars: ${vars('hosts.yaml vars of the child alpha')}
          hosts:
            one:
`,
    'group_vars/all.yaml': vars('group_vars/all'),
    'group_vars/parent.yml': vars('group_vars/parent'),
    'group_vars/alpha.yaml': vars('group_vars/alpha'),
    'group_vars/beta/vars.yaml': vars('group_vars/beta'),
    'host_vars/one.yaml': vars('host_vars'),
  }
}

const extra = (set: (layer: (typeof layers)[number]) => string | undefined): More => {
  const value = set('--extra-vars')
  return value === undefined ? {} : { extraVars: [`{ x: ${value} }`] }
}

describe('each layer against the next', () => {
  test.each(layers.slice(1).map((layer, index) => [layers[index], layer]))(
    '%s < %s',
    async (lower, higher) => {
      const set = (layer: string) => (layer === lower ? 'lower' : layer === higher ? 'higher' : undefined)
      expect((await load(inventory(set), extra(set))).select('one')[0]?.vars.x).toBe('higher')
    },
  )
})

test('each layer counts where it stands alone', async () => {
  for (const only of layers) {
    const set = (layer: string) => (layer === only ? 'here' : undefined)
    expect((await load(inventory(set), extra(set))).select('one')[0]?.vars.x, only).toBe('here')
  }
  const nowhere = await load(inventory(() => undefined))
  expect(nowhere.select('one')[0]?.vars.x).toBe('of the role')
})

test('all layers at once: taken away from the top, each next one wins, and the default at last', async () => {
  const order = [...layers].reverse()
  for (const [gone, wins] of [...order, 'of the role'].entries()) {
    const there = new Set<string>(order.slice(gone))
    const set = (layer: string) => (there.has(layer) ? `"${layer}"` : undefined)
    expect((await load(inventory(set), extra(set))).select('one')[0]?.vars.x).toBe(wins)
  }
})

test('a whole value replaces another, without merging what is in it', async () => {
  const files = inventory((layer) =>
    layer === 'group_vars/all' ? '{ a: 1, b: 2 }' : layer === 'host_vars' ? '{ b: 3 }' : undefined,
  )
  expect((await load(files)).select('one')[0]?.vars.x).toEqual({ b: 3 })
})

test('in a folder of variables, later file names win', async () => {
  const files = { ...inventory(() => undefined), 'host_vars/one.yaml': '' }
  const split = {
    ...files,
    'group_vars/beta/vars.yaml': 'x: beta\ny: beta',
    'group_vars/beta/zz.yml': 'x: zz',
    'group_vars/beta/README.md': 'not variables',
  }
  expect((await load(split)).select('one')[0]?.vars).toEqual({ x: 'zz', y: 'beta' })
})

test('a child that is deeper by any way is deeper', async () => {
  // "zoo" is the parent, and would win by name alone; "app" is also a direct child of all.
  const files = {
    'hosts.yaml': `
zoo: { vars: { x: zoo }, children: { app: } }
all: { children: { app: { vars: { x: app }, hosts: { one: } } } }
`,
  }
  const inventory = await load(files)
  expect(inventory.hosts[0]?.groups).toEqual(['all', 'zoo', 'app'])
  expect(inventory.hosts[0]?.vars.x).toBe('app')
})

test('a host in several groups is one host with the variables of all of them', async () => {
  const files = {
    'hosts.yaml': `
edge: { hosts: { one: { x: 1 }, two: } }
app: { hosts: { one: { y: 2 } } }
`,
  }
  const inventory = await load(files)
  expect(inventory.hosts.map(({ name, groups, vars }) => ({ name, groups, vars }))).toEqual([
    { name: 'one', groups: ['all', 'app', 'edge'], vars: { x: 1, y: 2 } },
    { name: 'two', groups: ['all', 'edge'], vars: { x: 'of the role' } },
  ])
})
