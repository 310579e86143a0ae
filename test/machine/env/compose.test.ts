import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDotenv } from '../../../lib/env/dotenv.ts'

// Where there is a Docker Compose (2, a client alone), it is asked what it makes of a file.
const compose = [['docker', 'compose'], ['docker-compose']].find(([program = '', ...words]) =>
  / v?2\./.test(spawnSync(program, [...words, 'version'], { encoding: 'utf8' }).stdout ?? ''),
)
const names = ['A', 'B', 'C']
const unset = '(not set)'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'quayside-compose-'))
  const environment = Object.fromEntries(names.map((name) => [name, `\${${name}-${unset}}`]))
  writeFileSync(
    join(directory, 'compose.yaml'),
    JSON.stringify({ name: 'read', services: { one: { image: 'none', environment } } }),
  )
})
afterAll(() => rmSync(directory, { recursive: true }))

/** The values that Compose has after reading the file, or undefined where it refuses it. */
function theirs(text: string): Record<string, string> | undefined {
  const [program = '', ...words] = compose ?? []
  writeFileSync(join(directory, 'read.env'), text)
  const argv = [...words, '--env-file', 'read.env', 'config', '--format', 'json']
  const env = { PATH: process.env.PATH, HOME: directory }
  const { status, stdout } = spawnSync(program, argv, { cwd: directory, env, encoding: 'utf8' })
  if (status !== 0) return undefined
  const { environment } = JSON.parse(stdout).services.one
  // What it prints is to be read by itself again.
  return Object.fromEntries(names.map((name) => [name, String(environment[name]).replaceAll('$$', '$')]))
}

function ours(text: string): Record<string, string> | undefined {
  const { entries, faults } = readDotenv('read.env', text)
  // The one finding of what Compose takes, and nobody means.
  if (faults.some(({ message }) => !message.includes('takes this comment for the value'))) return undefined
  const found = new Map(names.map((name) => [name, unset]))
  for (const { name, value } of entries) if (value !== undefined && found.has(name)) found.set(name, value)
  return Object.fromEntries(found)
}

const words = [
  'A',
  'B',
  'C',
  '=',
  '=',
  ':',
  ' ',
  '\n',
  '\r\n',
  '\t',
  '"',
  "'",
  '\\',
  '$',
  '${',
  '}',
  '{',
  '-',
  ':-',
  ':+',
  '?',
]
const others = ['#', ' #', 'x', '0', '123', '.', 'é', 'n', '\uFEFF', 'export ', '\nB=', '\nC="', "'\n", '"\n']

test.skipIf(compose === undefined)(
  'any file is read as Docker Compose reads it',
  { timeout: 120_000 },
  () => {
    const start = fc.constantFrom('A=', 'A="', "A='", 'export A=', 'A: ', '')
    const rest = fc.array(fc.constantFrom(...words, ...others), { maxLength: 16 })
    const end = fc.constantFrom('', '\n', '"\nB=1\n', "'\nB=$A\n")
    fc.assert(
      fc.property(start, rest, end, (first, middle, last) => {
        const text = `${first}${middle.join('')}${last}`
        expect(ours(text)).toEqual(theirs(text))
      }),
      { numRuns: 150 },
    )
  },
)
