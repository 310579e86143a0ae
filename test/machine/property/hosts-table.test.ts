import fc from 'fast-check'
import { hostsWith } from '../../../lib/resource/hosts-table.ts'
import { property } from '../../property/runs.ts'

const names = ['old', 'new', 'new.example.org', 'old.example.org', 'other'] as const
const name = fc.constantFrom(...names)
const blank = fc.constantFrom(' ', '\t', '   ')
const line = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('127.0.0.1', '127.0.1.1', '127.0.1.1', '10.0.0.9', '::1'),
      fc.array(fc.tuple(blank, fc.oneof(name, fc.constant('localhost'))), { maxLength: 3 }),
      fc.constantFrom('', ' # a note', '#old', ' '),
    )
    .map(([address, aliases, end]) => `${address}${aliases.flat().join('')}${end}`),
  fc.constantFrom('', '# 127.0.1.1 new', '\t', 'gr\u00fcn', ' 127.0.1.1 old'),
)
const table = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('', '\n'))
  .map(([lines, end]) => `${lines.join('\n')}${end}`)

const words = (text: string) => text.replace(/#.*/, '').split(/\s+/).filter(Boolean)

property(
  'a table of hosts has the name, loses no other line, and is then left alone',
  300,
  fc.record({
    table,
    name: fc.constantFrom('new', 'new.example.org'),
    former: fc.subarray(['old', 'new', 'old.example.org']),
  }),
  async ({ table, name, former }) => {
    const after = hostsWith(table, name, former)
    const lines = after.split('\n')
    if (!lines.some((line) => words(line).slice(1).includes(name)))
      throw new Error(`it lacks ${name}: ${after}`)
    const foreign = (text: string) =>
      text
        .split('\n')
        .filter((line) => words(line)[0] !== '127.0.1.1')
        .join('\n')
    if (foreign(table) !== foreign(after))
      throw new Error(`other lines were touched: ${JSON.stringify(after)}`)
    const aliases = (text: string) =>
      new Set(
        text
          .split('\n')
          .filter((line) => words(line)[0] === '127.0.1.1')
          .flatMap((line) => words(line).slice(1)),
      )
    const short = (each: string) => each.split('.', 1)[0] ?? ''
    const mayGo = new Set(former.flatMap((each) => [each, short(each)]))
    for (const each of aliases(table))
      if (!mayGo.has(each) && !aliases(after).has(each)) throw new Error(`${each} has gone: ${after}`)
    // The host has the name by then.
    const again = hostsWith(after, name, [name])
    if (again !== after) throw new Error(`it is not left alone: ${JSON.stringify([after, again])}`)
  },
)
