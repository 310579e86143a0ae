import fc from 'fast-check'

/** Names that a shell, an option parser, a pattern or an escape would take for something else. */
const oddNames = [
  'plain',
  "it's",
  'two words',
  '-rf',
  '--',
  '--help',
  '$(touch hacked)',
  '`touch hacked`',
  '$HOME',
  '"quoted"',
  'grün',
  '日本',
  '*',
  '[a-z]*',
  '?',
  'a\\nb',
  '\\c',
  'back\\',
  '%s',
  '~',
  '#note',
  ' lead',
  'trail ',
  'a&b',
  ';x',
  "''",
  '.hidden',
  '..x',
  '=',
  'key=value',
  '{a,b}',
  '<in>out',
  'tab\there',
  'return\r',
  'x'.repeat(200),
]

const oddCharacters = fc.constantFrom(...'ab \'"$`\\-*?[]{}()<>|&;!#%~=:,.+@^\tü語')

/** One component of a path: anything but "/", NUL, a line end, "." and "..". */
export const oddName = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...oddNames) },
    { weight: 2, arbitrary: fc.string({ unit: oddCharacters, minLength: 1, maxLength: 8 }) },
  )
  .filter((name) => name !== '.' && name !== '..')

/** A line of text with what an escape, a pattern or an echo would eat; no line end in it. */
export const oddLine = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddNames, '', ' ', '\\', '\\0', '&', '/', '-n', '-e x', '\\1') },
  { weight: 2, arbitrary: fc.string({ unit: oddCharacters, maxLength: 12 }) },
)

const lineEnds = fc.constantFrom('\n', '\n', '\n', '\r\n')

/** Text of a few lines: CRLF at times, a missing last line end at times. */
export const oddText = fc
  .tuple(fc.array(fc.tuple(oddLine, lineEnds), { maxLength: 6 }), fc.boolean())
  .map(([lines, whole]) => {
    const text = lines.map(([line, end]) => `${line}${end}`).join('')
    return whole ? text : text.replace(/\r?\n$/, '')
  })

/** Bytes as a latin1 text: mostly text, at times with NUL bytes and bytes that are not UTF-8. */
export const oddBytes = fc.oneof(
  { weight: 4, arbitrary: oddText.map((text) => Buffer.from(text).toString('latin1')) },
  { weight: 1, arbitrary: fc.constantFrom('\0', 'a\0b\nc\n', '\xff\xfe\n', 'x\n\xc3\n', '\0\n\0') },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  },
)

/** A mode whose owner can read and write it: tests without root must still be able to look. */
export const fileMode = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(0o644, 0o600, 0o640, 0o755) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0o77 }).map((low) => 0o600 | low) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0o7077 }).map((bits) => 0o700 | bits) },
)

export const directoryMode = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(0o755, 0o700, 0o750, 0o2775, 0o1777) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0o7077 }).map((bits) => 0o700 | bits) },
)

/** What makes one text out of another that is nearly the same. */
export const edit = fc.oneof(
  fc.constant((text: string) => text),
  fc.constant((text: string) => text.replace(/\n$/, '')),
  fc.constant((text: string) => `${text}\n`),
  fc.constant((text: string) => text.replaceAll('\r\n', '\n')),
  fc.constant((text: string) => text.replaceAll(/\r?\n/g, '\r\n')),
  fc.constant((text: string) => text.replaceAll('a', 'A')),
  oddLine.map((line) => (text: string) => `${text}${Buffer.from(line).toString('latin1')}`),
  oddLine.map((line) => (text: string) => `${Buffer.from(line).toString('latin1')}\n${text}`),
)
