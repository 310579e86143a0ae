import { expect, test } from 'vitest'
import { readDotenv } from '../../../lib/env/dotenv.ts'
import { unmentioned, without, withSettings } from '../../../lib/env/edit.ts'
import { stageOf } from '../../../stack/environment/index.ts'

const gone = (text: string, name: string) =>
  without(
    text,
    readDotenv('dev.env', text).entries.filter((entry) => entry.name === name),
  )

test.each<[what: string, before: string, after: string]>([
  ['a line', 'A=1\nS=x\nB=2\n', 'A=1\nB=2\n'],
  ['the last, without its newline', 'A=1\nS=x', 'A=1\n'],
  ['with its comment', 'A=1\n  export S="x # y" # z\nB=2\n', 'A=1\nB=2\n'],
  ['several lines', "A=1\nS='x\ny'\nB=2\n", 'A=1\nB=2\n'],
  ['after a byte order mark', '\uFEFFS=x\r\nB=2\r\n', '\uFEFFB=2\r\n'],
  ['twice', 'S=x\nA=1\nS=y\n', 'A=1\n'],
  ['beside another', 'A="1" S="x" B="2"\n', 'A="1"  B="2"\n'],
  ['nothing but what it is', '# S=x\nAS=1\nSA=2\n', '# S=x\nAS=1\nSA=2\n'],
])('takes out %s', (_, before, after) => {
  expect(gone(before, 'S')).toBe(after)
})

test('what a file does not mention is added as the example has it, with its line ends', () => {
  const prod = stageOf('prod')
  const text = 'export RELEASE=1\r\n# REGISTRY=r\r\n#PUBLIC_URL=u\r\nLOG_LEVEL: info\r\nHTTP_PORTS=1'
  const names = unmentioned(text, prod)
  expect(names).toContain('HTTP_PORT')
  for (const name of ['RELEASE', 'REGISTRY', 'PUBLIC_URL', 'LOG_LEVEL']) expect(names).not.toContain(name)
  const added = withSettings(text, prod, names)
  expect(added.startsWith(`${text}\r\n\r\n# `)).toBe(true)
  expect(added).toMatch(/\r\n# the host .*\. Required\r\nSERVER_NAME=\r\n/)
  expect(added.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect(unmentioned(added, prod)).toEqual([])
})
