import { randomBytes } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import { quote } from '../script/index.ts'
import type { Target } from './connection.ts'
import { ConnectionError } from './error.ts'
import { shellRefused } from './refusal.ts'

/** The streams of a command that was just started. */
export interface Started {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** resolves with the reason in words once nothing more can come */
  readonly ended: Promise<string>
}

/** How a shell is started as the user that it is to be. */
export interface Entry {
  /** for the login shell: it becomes the shell that is wanted */
  readonly command: string
  /** Waits until that shell is there, and gives the password if it is asked for. Throws a ConnectionError. */
  enter(started: Started): Promise<void>
}

/**
 * The way to a shell as the target's become user, for who is logged in as `user`. With a password sudo is told to
 * read it from standard input, and the shell says that it has begun: whether sudo asks at all is the host's to say,
 * and a password that nobody asked for would be the shell's first line.
 */
export function entryOf(target: Target, user: string, program = '/bin/sh'): Entry {
  const sh = quote(program)
  if (!target.become || target.becomeUser === user) return { command: `exec ${sh}`, enter: async () => {} }
  const who = target.becomeUser === 'root' ? '' : ` -u ${quote(target.becomeUser)}`
  if (target.becomePassword === undefined)
    return { command: `exec sudo -n -H${who} ${sh}`, enter: async () => {} }
  const mark = `quayside-${randomBytes(16).toString('hex')}`
  return {
    command: `exec sudo -S -p ${mark}-ask -H${who} ${sh} -c 'echo ${mark}-in; exec ${sh}'`,
    enter: (started) => enter(target, user, mark, started),
  }
}

async function enter(target: Target, user: string, mark: string, started: Started): Promise<void> {
  const password = passwordOf(target)
  const seen = { stdout: '', stderr: '' }
  let given = false
  let settle: (how: 'in' | 'wrong') => void = () => {}
  const settled = new Promise<'in' | 'wrong'>((resolve) => {
    settle = resolve
  })
  const hear = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    seen[stream] += chunk.toString('utf8')
    if (seen.stdout.includes(`${mark}-in\n`)) return settle('in')
    const asked = seen.stderr.split(`${mark}-ask`).length - 1
    if (asked > 1) return settle('wrong')
    if (asked === 1 && !given) {
      given = true
      started.stdin.write(`${password}\n`)
    }
  }
  const [out, err] = [hear('stdout'), hear('stderr')]
  started.stdin.on('error', () => {}) // the end of the command tells more than EPIPE
  started.stdout.on('data', out)
  started.stderr.on('data', err)
  const how = await Promise.race([settled, started.ended.then((why) => ({ why }))])
  started.stdout.off('data', out)
  started.stderr.off('data', err)
  if (how === 'in') return
  if (how !== 'wrong') {
    throw shellRefused(target, `${seen.stderr}\n${seen.stdout}`.replaceAll(`${mark}-ask`, ''), how.why)
  }
  throw new ConnectionError(target.name, `sudo does not take the password of ${user}`, {
    reason: 'become',
    hint: `it wants what ${user} types there for sudo: give it to --ask-become-pass (-K), or mend become_password in the inventory`,
  })
}

/** One line: what came after a line break would be the shell's to execute. */
function passwordOf(target: Target): string {
  const password = target.becomePassword?.reveal() ?? ''
  if (!/[\n\r\0]/.test(password)) return password
  throw new ConnectionError(target.name, 'the become password has a line break in it', {
    reason: 'become',
    hint: 'mend where become_password comes from: sudo reads one line',
  })
}
