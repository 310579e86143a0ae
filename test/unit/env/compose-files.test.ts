import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseDocument, visit } from 'yaml'
import { maxConnections, stageOf } from '../../../stack/environment/index.ts'

/** `${NAME}`, `${NAME:-default}` and their like, by name; the default where one stands there. */
function references(file: string): Map<string, string | undefined> {
  const path = fileURLToPath(new URL(`../../../compose/${file}`, import.meta.url))
  const found = new Map<string, string | undefined>()
  const braces = /\$\{([A-Z][A-Z0-9_]*)(?::?([-?+])((?:[^{}]|\$\{[^{}]*\})*))?\}/g
  // What comments say is no reference.
  visit(parseDocument(readFileSync(path, 'utf8')), {
    Scalar(_, { value }) {
      for (const [, name = '', operator, text = ''] of String(value).matchAll(braces)) {
        found.set(name, operator === '-' ? text : undefined)
        // One in the default of another.
        for (const [, inner = '', , own] of text.matchAll(braces)) found.set(inner, own)
      }
    },
  })
  return found
}

/** What a stage's files refer to: what its own says counts, and else what it extends. */
const stages = [
  ['dev', ['base.yaml', 'dev.yaml']],
  ['test', ['base.yaml', 'test.yaml']],
  ['prod', ['base.yaml', 'prod.yaml']],
  ['swarm', ['stack.yaml']],
] as const

test.each(stages)(
  '%s: what its Compose files refer to can be set, and has the same default',
  (stage, files) => {
    const { settings } = stageOf(stage)
    const used = new Map(files.flatMap((file) => [...references(file)]))
    expect(used.size).toBeGreaterThan(5)
    const wrong = [...used].flatMap(([name, otherwise]) => {
      const property = settings.properties[name]
      if (property === undefined) return [`${name} is no setting of ${stage}`]
      if (settings.required?.includes(name) === true || otherwise === undefined) return []
      const own = String(property.default ?? '')
      return own === otherwise ? [] : [`${name} is ${otherwise} there, and ${own} in the schema`]
    })
    expect(wrong).toEqual([])
    const idle = Object.keys(settings.properties).filter((name) => !used.has(name))
    expect(idle).toEqual([])
  },
)

test.each(stages)(
  '%s: the secrets of its Compose files are those that are made and checked',
  (stage, files) => {
    const path = fileURLToPath(new URL(`../../../compose/${files.at(-1)}`, import.meta.url))
    const { secrets } = parseDocument(readFileSync(path, 'utf8')).toJS()
    // Those that only a build reads are no files of secrets/.
    const inFolder = Object.entries<{ file: string }>(secrets).filter(([, { file }]) => /secrets/.test(file))
    expect(inFolder.map(([name]) => name).sort()).toEqual(
      Object.keys(stageOf(stage).secrets.properties).sort(),
    )
  },
)

test('as many connections are counted with as PostgreSQL is started with', () => {
  const path = fileURLToPath(new URL('../../../compose/postgres/start.sh', import.meta.url))
  expect(readFileSync(path, 'utf8')).toContain(`"\${MAX_CONNECTIONS:-${maxConnections}}"`)
})
