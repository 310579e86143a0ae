import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type } from '../../../lib/playbook/prompt.ts'

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

const root = fileURLToPath(new URL('../../..', import.meta.url))
const asks = `
  const { askSecret } = await import('${root}lib/playbook/prompt.ts')
  const [a, b] = await Promise.all([askSecret('become password: '), askSecret('passphrase: ')])
  console.log(['got', a.reveal().length, b.reveal().length, String(a)].join(' '))
  process.exit(0)`

/** What a person sees of a program on a terminal, who types an answer whenever the screen ends with its question. */
function onTerminal(program: string, answers: Readonly<Record<string, string>>): Promise<string> {
  const argv = [process.execPath, ...(process.versions.bun ? [] : ['--import', 'tsx']), '-e', program]
  const line = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
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
  const screen = await onTerminal(asks, { 'become password: ': 'hunter2\r', 'passphrase: ': 'hunter34\r' })
  expect(screen.replaceAll('\r', '')).toBe('become password: \npassphrase: \ngot 7 8 [secret]\n')
})

test('Ctrl-C while it asks interrupts', async () => {
  const program = `
    process.on('SIGINT', () => console.log('SIGINT'))
    const { askSecret } = await import('${root}lib/playbook/prompt.ts')
    await askSecret('passphrase: ').catch((error) => console.log(error.message))
    setTimeout(() => process.exit(0), 200)`
  const screen = await onTerminal(program, { 'passphrase: ': 'hun\x03' })
  expect(screen.replaceAll('\r', '').split('\n').sort()).toEqual([
    '',
    'SIGINT',
    'interrupted',
    'passphrase: ',
  ])
})
