import { expect, test } from 'vitest'
import { readDotenv } from '../../../lib/env/dotenv.ts'

const read = (text: string, shell: Readonly<Record<string, string>> = {}) =>
  readDotenv('dev.env', text, (name) => shell[name])

const values = (text: string, shell?: Readonly<Record<string, string>>) =>
  Object.fromEntries(read(text, shell).entries.map(({ name, value }) => [name, value]))

// What Docker Compose makes of each, as its own reader (compose-go's dotenv) has it.
test.each<[what: string, text: string, value: string]>([
  ['plain', 'A=b', 'b'],
  ['blanks around', '  A = b  ', 'b'],
  ['a tab', 'A=\tb\t', 'b'],
  ['a colon', 'A: b', 'b'],
  ['the first sign counts', 'A=b=c:d', 'b=c:d'],
  ['export', 'export A=b', 'b'],
  ['export by a tab', '\texport\tA=b', 'b'],
  ['nothing', 'A=', ''],
  ['nothing before another line', 'A=\nB=c', ''],
  ['CRLF', 'A=b\r\nB=c\r\n', 'b'],
  ['a byte order mark', '\uFEFFA=b', 'b'],
  ['a byte order mark elsewhere is no blank', 'A=b\uFEFF', 'b\uFEFF'],
  ['other blanks', '\u3000A=b\u0085\u2003', 'b'],
  ['a comment', 'A=b # c', 'b'],
  ['no comment without a blank', 'A=b#c', 'b#c'],
  ['a comment that is bare', 'A=b #', 'b'],
  ['no escapes without quotes', 'A=b\\tc\\n', 'b\\tc\\n'],
  ['quotes within', 'A=b"c\'', 'b"c\''],
  ['single quotes', "A='b # $C \\n'", 'b # $C \\n'],
  ['an escaped single quote', "A='it\\'s'", "it's"],
  ['double quotes', 'A="b # c" # d', 'b # c'],
  ['a comment right after quotes', 'A="b"#c', 'b'],
  ['escaped double quotes', 'A="\\"b\\""', '"b"'],
  ['a backslash before the last quote', 'A="b\\\\"', 'b\\'],
  ['escapes', 'A="\\a\\b\\f\\n\\r\\t\\v\\\\"', '\x07\b\f\n\r\t\v\\'],
  ['octal', 'A="\\0123"', 'S'],
  ['escapes that are none', 'A="\\x07\\u12e4\\c\\ "', '\\x07\\u12e4\\c\\ '],
  ['several lines', 'A="b\nc"\nB=d', 'b\nc'],
  ['several lines in single quotes', "A='b\nc'\nB=d", 'b\nc'],
  ['a dollar sign', 'A=b$$c', 'b$c'],
  ['a dollar sign before nothing', 'A="b$ $1 $"', 'b$ $1 $'],
  ['an escaped dollar sign', 'A="b\\$B \\${B}"', 'b$B ${B}'],
  ['braces in what stands for a variable', 'A="{${B:-{x}}}"', '{{x}}'],
  ['braces that Compose miscounts', 'A={"a": "${B:-{}}"}', '{"a": "{}}"'],
  ['a brace too many', 'A=${B:-{}', '{'],
  ['no escaped dollar sign without quotes', 'A=b\\$$c', 'b\\$c'],
])('%s', (_, text, value) => {
  const { entries, faults } = read(text)
  expect(faults).toEqual([])
  expect(entries[0]).toMatchObject({ name: 'A', value })
})

test('lines that say nothing', () => {
  expect(read('\n\r\n \t \n# A=b\n\t # c\n')).toEqual({ entries: [], faults: [] })
})

test('variables: the shell before the file, and only what stands above', () => {
  const text = 'A=1\nB=$A${A}\nC=${D}\nD=4\nE=${A:-9}${F:-${A}}${F-8}${A:+x}${F:+y}$F.\nG="$B"\nH=\'$B\''
  expect(values(text)).toEqual({ A: '1', B: '11', C: '', D: '4', E: '118x.', G: '11', H: '$B' })
  expect(values(text, { A: '5' })).toMatchObject({ A: '1', B: '55', E: '558x.' })
})

test.each([
  ['A=${B:-c', 'never closed'],
  ['A=${}', 'no name of a variable'],
  ['A=${B', 'never closed'],
  ['A=${1}', 'no name of a variable'],
  ['A=${B:?hunter2}', 'wants a variable that is not set'],
])('%s is refused, as Compose does', (text, message) => {
  const { entries, faults } = read(`${text}\nZ=1`)
  expect(faults).toMatchObject([{ line: 1, column: 3, message: expect.stringContaining(message) }])
  expect(entries.map(({ name }) => name)).toEqual(['Z'])
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})

test('how many variables are set nowhere', () => {
  expect(read('A=p$word$$1${other}').entries[0]).toMatchObject({ value: 'p$1', unset: 2 })
  expect(read('A=${other:-b}').entries[0]).toMatchObject({ value: 'b', unset: 0 })
})

test('a name alone is what the shell has', () => {
  expect(read('A\nB=c').entries).toMatchObject([{ name: 'A', value: undefined }, { name: 'B' }])
  // Compose refuses it at the end of the file.
  expect(read('B=c\nA').faults).toMatchObject([{ line: 2, column: 1 }])
})

test('every fault with its place, and the lines after it', () => {
  const text = 'A="b\nC=d'
  expect(read(text).faults).toMatchObject([
    { line: 1, column: 3, message: expect.stringContaining('no closing quote') },
  ])
  const { entries, faults } = read('A B=c\n=d\nE+F=g\nH= # i\nlast two words\nJ=k')
  expect(faults.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    '1:1 a name cannot have a space in it',
    '2:1 no name stands before the value',
    '3:2 this is no NAME=value, so Docker Compose refuses the file',
    '4:4 Docker Compose takes this comment for the value: nothing stands before it',
    '5:1 this is no NAME=value, so Docker Compose refuses the file',
  ])
  expect(entries.map(({ name, value }) => [name, value])).toEqual([
    ['H', '# i'],
    ['J', 'k'],
  ])
})

test('places are of the name and of the value; a mark at the start takes no column', () => {
  const { entries } = read('\uFEFFA=b\n\n  export C = "d\ne"\nF=g')
  expect(
    entries.map(({ place, valuePlace }) => [place.line, place.column, valuePlace.line, valuePlace.column]),
  ).toEqual([
    [1, 1, 1, 3],
    [3, 10, 3, 14],
    [5, 1, 5, 3],
  ])
})

test('no fault repeats what may be a piece of a secret', () => {
  const key = [
    'A=-----BEGIN PRIVATE KEY-----',
    'MIIEvAIBADANBgkqhkiG9w0BAQEFAASC',
    'q8+x/Zw1==',
    'hunter2 swordfish',
  ]
  expect(JSON.stringify(read(key.join('\n')).faults)).not.toMatch(/MIIE|q8\+x|hunter2/)
})
