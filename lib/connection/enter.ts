import type { Target } from './connection.ts'
import type { Started } from './entry.ts'
import { ConnectionError } from './error.ts'
import { shellRefused } from './refusal.ts'

/** How a program that makes us another user asks for a password. */
export interface Asks {
  readonly program: 'sudo' | 'su'
  /** the user whose password it wants */
  readonly whose: string
  /** how often it has asked, in what it said on standard error */
  times(said: string): number
  /** what it said, without the asking */
  clean(said: string): string
}

/** It does not end by itself after this: it goes on to ask for a new password. */
const expired =
  /(password|account|token)[^\n]*(expired|no longer valid|must be changed)|required to change your password/i

/**
 * Waits until the shell behind sudo or su says that it has begun, and gives the password when it is asked for, once: a
 * second try with the same one would only bring an account nearer to being locked. Throws a ConnectionError.
 */
export async function enter(target: Target, mark: string, asks: Asks, started: Started): Promise<void> {
  const password = passwordOf(target)
  const seen = { stdout: '', stderr: '' }
  let given = false
  let settle: (how: How) => void = () => {}
  const settled = new Promise<How>((resolve) => {
    settle = resolve
  })
  const hear = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    seen[stream] += chunk.toString('utf8')
    if (seen.stdout.includes(`${mark}-in\n`)) return settle('in')
    if (expired.test(seen.stderr)) return settle('expired')
    const asked = asks.times(seen.stderr)
    if (asked > 1) return settle('wrong')
    if (asked === 0 || given) return
    if (password === undefined) return settle('unknown')
    given = true
    started.stdin.write(`${password}\n`)
  }
  const [out, err] = [hear('stdout'), hear('stderr')]
  started.stdin.on('error', () => {}) // the end of the command tells more than EPIPE
  started.stdout.on('data', out)
  started.stderr.on('data', err)
  const how = await Promise.race([settled, started.ended.then((why) => ({ why }))])
  started.stdout.off('data', out)
  started.stderr.off('data', err)
  if (how === 'in') return
  const said = asks.clean(seen.stderr)
  if (how === 'wrong' || (given && /^su: authentication failure/im.test(said))) throw wrong(target, asks)
  if (how === 'expired') throw outdated(target, asks, given ? asks.program : 'the host', said)
  if (how === 'unknown') throw wanting(target, asks)
  throw shellRefused(target, `${said}\n${seen.stdout}`, how.why)
}

type How = 'in' | 'wrong' | 'expired' | 'unknown'

function wrong(target: Target, { program, whose }: Asks): ConnectionError {
  const wants = program === 'sudo' ? `what ${whose} types there for sudo` : `${whose}'s own password`
  return refused(
    target,
    `${program} does not take the password of ${whose}`,
    `it wants ${wants}: give it to --ask-become-pass (-K), or mend become_password in the inventory`,
  )
}

function wanting(target: Target, { program, whose }: Asks): ConnectionError {
  return refused(
    target,
    `${program} wants the password of ${whose}`,
    'give it to --ask-become-pass (-K) or by become_password in the inventory; or become by sudo',
  )
}

function outdated(target: Target, { whose }: Asks, who: string, said: string): ConnectionError {
  const words = said.trim().split('\n').slice(0, 2).join(' / ')
  return refused(
    target,
    `${who} lets ${whose} go no further: ${words}`,
    `log in to the host as ${whose} and set a new password (passwd), or look at it with: chage -l ${whose}`,
  )
}

function refused(target: Target, message: string, hint: string): ConnectionError {
  return new ConnectionError(target.name, message, { reason: 'become', hint })
}

/** One line: what came after a line break would be the shell's to execute. */
function passwordOf(target: Target): string | undefined {
  const password = target.becomePassword?.reveal()
  if (password === undefined || !/[\n\r\0]/.test(password)) return password
  throw new ConnectionError(target.name, 'the become password has a line break in it', {
    reason: 'become',
    hint: `mend where become_password comes from: ${target.becomeMethod} reads one line`,
  })
}
