import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { argumentsOf } from '../../../lib/playbook/argv.ts'
import { parseFlags, playbookFlags } from '../../../lib/playbook/flags.ts'

const flags = { ...playbookFlags, release: { about: 'the tag', value: 'TAG' } }

test('values keep their spelling: 1.10 and 007 stay what was typed', () => {
  const args = parseFlags(['--env', 'lab', '--release', '1.10', '-vv', 'up', '007'], flags)
  expect([args.text('env'), args.text('release'), args.count('verbose'), args.positionals]).toEqual([
    'lab',
    '1.10',
    2,
    ['up', '007'],
  ])
})

test.each([
  [['--evn', 'lab'], 'unknown flag --evn', 'did you mean --env?'],
  [['--env'], '--env needs a value: --env NAME', undefined],
  [
    ['--env', '--check'],
    '--env needs a value: --env NAME',
    'for a value that begins with "-": --env=--check',
  ],
  [['--check=yes'], '--check takes no value', undefined],
  [['-Q'], 'unknown flag -Q', 'see --help'],
])('%j is refused', (argv, message, hint) => {
  expect(() => parseFlags(argv, flags)).toThrow(expect.objectContaining({ message, hint, exitCode: 2 }))
})

test('--extra-vars may be given several times, and keeps its order', () => {
  const args = parseFlags(['-x', 'a=1 b=2', '--extra-vars', '@c.yaml', '-x', '{"d": 1}'], flags)
  expect(args.texts('extra-vars')).toEqual(['a=1 b=2', '@c.yaml', '{"d": 1}'])
  expect(parseFlags([], flags).texts('extra-vars')).toEqual([])
})

test('--forks takes a whole number', () => {
  expect(() => parseFlags(['--forks', '0'], flags).number('forks', 1)).toThrow(
    '--forks takes a whole number of at least 1',
  )
  expect(parseFlags(['--forks', '3'], flags).number('forks', 1)).toBe(3)
})

const own = import.meta.filename
const url = pathToFileURL(own).href

test('the words after the playbook are found under zx, node and bun alike', () => {
  expect(argumentsOf(url, ['node', '/x/node_modules/.bin/zx', own, '--env', 'lab'])).toEqual(['--env', 'lab'])
  expect(argumentsOf(url, ['bun', own, '--env', 'lab'])).toEqual(['--env', 'lab'])
})

test('flags before the playbook went to zx: the error shows the right order', () => {
  expect(() => argumentsOf(url, ['node', '/x/.bin/zx', '--env', 'staging', own, '-C'])).toThrow(
    expect.objectContaining({ exitCode: 2, hint: `npx zx ${own} --env staging -C` }),
  )
})
