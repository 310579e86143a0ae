import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { freezing } from '../../../lib/backup/restore/frozen.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-frozen-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hex = (text: string) => Buffer.from(text).toString('hex')
const list = join(folder, 'empty')
const wished = [
  ['public', 'docs'],
  ['public', 'no columns'],
  ['Odd "schema"', `Tab.le (a) "b"`],
  ['public', 'part'],
]
writeFileSync(list, wished.map(([schema = '', name = '']) => `${hex(schema)}.${hex(name)}\n`).join(''))

/** What pg_dump writes to a pipe: pg_backup_archiver.c, WriteHead and WriteToc. */
function archive(minor: number, entries: readonly Entry[], data: Buffer): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(5)
    bytes[0] = value < 0 ? 1 : 0
    bytes.writeUInt32LE(Math.abs(value), 1)
    return bytes
  }
  const text = (value: string | undefined) =>
    value === undefined ? number(-1) : Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)])
  const entry = ({ schema, name, kind = 'TABLE DATA', copy, needs = [] }: Entry) => [
    ...[number(3300), number(1), text('0'), text('16400'), text(name), text(kind), number(3)],
    ...[text(''), text(undefined), text(copy), text(schema), text(''), text(kind === 'TABLE' ? 'heap' : '')],
    ...(minor >= 16 ? [number(0)] : []),
    ...[text('postgres'), text('false'), ...needs.map(text), text(undefined), Buffer.alloc(9, 2)],
  ]
  return Buffer.concat([
    Buffer.from('PGDMP'),
    Buffer.from([1, minor, 0, 4, 8, 1]),
    ...(minor >= 15 ? [Buffer.from([0])] : [number(0)]),
    ...[30, 5, 1, 27, 10, 126, 0].map(number),
    ...['a database', '15.4', '15.4'].map(text),
    number(entries.length),
    ...entries.flatMap(entry),
    data,
  ])
}

interface Entry {
  readonly schema: string | undefined
  readonly name: string
  readonly kind?: string
  readonly copy?: string
  readonly needs?: readonly string[]
}

function passed(input: Buffer): { readonly status: number | null; readonly output: Buffer } {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', freezing(list).reveal()], {
    input,
    maxBuffer: 1 << 26,
  })
  expect(String(stderr)).toBe('')
  return { status, output: stdout }
}

// More than a pipe holds, and made to look like what is altered.
const data = Buffer.from('\0\x2b\0\0\0COPY public.docs (id, body) FROM stdin;\n'.repeat(50_000))

const before: readonly Entry[] = [
  { schema: undefined, name: 'ENCODING', kind: 'ENCODING' },
  { schema: 'public', name: 'docs', kind: 'TABLE', needs: ['2', '3'] },
  { schema: 'public', name: 'docs', copy: 'COPY public.docs (id, body) FROM stdin;\n', needs: ['7'] },
  { schema: 'public', name: 'no columns', copy: 'COPY public."no columns"  FROM stdin;\n' },
  {
    schema: 'Odd "schema"',
    name: `Tab.le (a) "b"`,
    copy: 'COPY "Odd ""schema"""."Tab.le (a) ""b""" ("x FROM stdin;", "ü") FROM stdin;\n',
  },
  { schema: 'public', name: 'not in the list', copy: 'COPY public."not in the list" (id) FROM stdin;\n' },
  // pg_dump --load-via-partition-root
  { schema: 'public', name: 'part', copy: 'COPY public.root (id) FROM stdin;\n' },
  { schema: undefined, name: 'BLOBS', kind: 'BLOBS' },
]
const after = before.map((each) => {
  const to = (copy: string) => ({ ...each, copy })
  if (each.copy?.startsWith('COPY public.docs '))
    return to('TRUNCATE ONLY public.docs; COPY public.docs (id, body) FROM stdin WITH (FREEZE);\n')
  if (each.name === 'no columns')
    return to('TRUNCATE ONLY public."no columns"; COPY public."no columns"  FROM stdin WITH (FREEZE);\n')
  if (each.schema?.startsWith('Odd')) {
    const table = '"Odd ""schema"""."Tab.le (a) ""b"""'
    return to(`TRUNCATE ONLY ${table}; COPY ${table} ("x FROM stdin;", "ü") FROM stdin WITH (FREEZE);\n`)
  }
  return each
})

describe.each([14, 15, 16])('a dump of form 1.%i', (minor) => {
  test('has rows frozen of the tables that are empty, and nothing else is altered', () => {
    const { status, output } = passed(archive(minor, before, data))
    expect(status).toBe(0)
    expect(output.equals(archive(minor, after, data))).toBe(true)
  })

  test('that was cut short is passed on as it is', () => {
    const whole = archive(minor, before, data)
    for (const length of [0, 4, 11, 300, whole.length - data.length - 1]) {
      const cut = whole.subarray(0, length)
      expect(passed(cut).output.equals(cut), `${length} bytes`).toBe(true)
    }
  })
})

test.each([
  ['a newer form', archive(17, before, data)],
  ['what is no dump', data],
  ['another format than the custom one', Buffer.from(archive(14, before, data)).fill(3, 10, 11)],
])('%s is passed on as it is', (_, input) => {
  const { status, output } = passed(input)
  expect(status).toBe(0)
  expect(output.equals(input)).toBe(true)
})
