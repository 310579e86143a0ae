import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { type } from '../../../lib/playbook/prompt.ts'
import { argvOf, root } from '../../argv.ts'

test.each([
  ['', 'a', { line: 'a' }],
  ['pass', 'word\r', { done: 'password' }],
  ['pass', '\n', { done: 'pass' }],
  ['pä', '\x7f', { line: 'p' }],
  ['', '\x7f', { line: '' }],
  ['wrong', '\x15right\r', { done: 'right' }],
  ['half', '\x03', 'stopped'],
  ['', '\x04', 'stopped'],
  ['half', '\x04', { done: 'half' }],
  ['a', '\t\x00b', { line: 'ab' }],
])('%j and the keys %j', (line, keys, typed) => {
  expect(type(line, keys)).toEqual(typed)
})

/** What a person sees of a program on a terminal, who types an answer whenever the screen ends with its question. */
function onTerminal(program: string, answers: Readonly<Record<string, string>>): Promise<string> {
  const line = argvOf(`test/machine/playbook/fixtures/${program}.ts`)
    .map((word) => `'${word}'`)
    .join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let answered = 0
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      for (const [question, answer] of Object.entries(answers)) {
        const at = screen.indexOf(question, answered)
        if (at < 0) continue
        answered = at + question.length
        child.stdin.write(answer)
      }
    })
    child.on('close', () => resolve(screen))
  })
}

test('on a terminal nothing that is typed is shown, and questions take turns', async () => {
  const screen = await onTerminal('asks-twice', {
    'become password: ': 'hunter2\r',
    'passphrase: ': 'hunter34\r',
  })
  expect(screen.replaceAll('\r', '')).toBe('become password: \npassphrase: \ngot 7 8 [secret]\n')
})

test('Ctrl-C while it asks interrupts', async () => {
  const screen = await onTerminal('asks-once', { 'passphrase: ': 'hun\x03' })
  expect(screen.replaceAll('\r', '').split('\n').sort()).toEqual([
    '',
    'SIGINT',
    'interrupted',
    'passphrase: ',
  ])
})
