import { spawn } from 'node:child_process'
import { argvOf, root } from '../argv.ts'

/** What a person sees of a playbook on a terminal, and its exit code; `at` a text that appears they do something. */
export function onTerminal(
  words: string,
  {
    answer,
    at,
    env = {},
  }: { at: string; answer: (type: (keys: string) => void) => void; env?: NodeJS.ProcessEnv },
): Promise<{ code: number; screen: string }> {
  const [playbook = '', ...rest] = words.split(' ')
  const line = argvOf(playbook, ...rest)
    .map((word) => `'${word}'`)
    .join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let answered = false
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      if (answered || !screen.includes(at)) return
      answered = true
      answer((keys) => child.stdin.write(keys))
    })
    child.on('close', (code) => resolve({ code: code ?? 1, screen: screen.replaceAll('\r', '') }))
  })
}
