import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Runs a playbook on a terminal of its own, as script(1) makes one, and types each answer once its question is there.
 * Gives what stood on the screen.
 */
export function atTerminal(
  args: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<{ readonly code: number; readonly screen: string }> {
  const command = `npx zx ${args.map((arg) => `'${arg}'`).join(' ')}`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: root,
    env: { ...process.env, TERM: 'dumb', NO_COLOR: '1', FORCE_COLOR: undefined, CI: undefined },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const open = [...answers]
  let [screen, from] = ['', 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    for (let next = open[0]; next !== undefined; next = open[0]) {
      const at = screen.indexOf(next[0], from)
      if (at < 0) break
      from = at + next[0].length
      open.shift()
      child.stdin.write(`${next[1]}\r`)
    }
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, screen }))
  })
}
