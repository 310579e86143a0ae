import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { InventoryError } from '../../../lib/inventory/index.ts'
import { loadInventory } from '../../../lib/inventory/load.ts'
import { everyPlay } from '../../../roles/stack.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const schemas = everyPlay.flatMap(({ hosts, roles }) =>
  roles.map(({ name, schema }) => ({ role: name, schema, hosts })),
)

describe('an example inventory wants nothing but its example.com replaced', () => {
  test.each([
    ['staging', ['hosts.yaml', 'all.yaml', 'edge.yaml']],
    ['production', ['hosts.yaml', 'all.yaml']],
  ])('%s', async (env, files) => {
    const load = loadInventory({ env, dir: `${root}/inventory/${env}`, schemas })
    const error: unknown = await load.catch((thrown) => thrown)
    if (!(error instanceof InventoryError)) throw new Error(`it was loaded: ${error}`)
    const other = error.faults.filter(({ message }) => !/still .*example/.test(message))
    expect(other).toEqual([])
    expect(new Set(error.faults.map(({ file }) => file.split('/').at(-1)))).toEqual(new Set(files))
  })
})

describe('the README of a role tells of each variable, and of no other', () => {
  const own = (role: string, schema: { properties: object }) =>
    Object.keys(schema.properties).filter((name) => role !== 'nginx-tls' || name.startsWith('nginx_'))

  test.each(schemas.filter(({ role }) => role !== 'app'))('$role', ({ role, schema }) => {
    const text = readFileSync(`${root}/roles/${role}/README.md`, 'utf8').replaceAll(/ +/g, ' ')
    const told = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1])
    expect(told).toEqual(own(role, schema))
    for (const name of own(role, schema)) {
      const { default: value, description } = schema.properties[name] ?? {}
      expect(description, name).toBeTypeOf('string')
      if (typeof value === 'number' || typeof value === 'boolean')
        expect(text).toContain(`| \`${name}\` | \`${value}\` |`)
    }
  })
})
