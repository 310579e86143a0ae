import { randomBytes } from 'node:crypto'
import { quote } from '../script/index.ts'
import type { Target } from './connection.ts'
import { type Asks, enter } from './enter.ts'
import type { Entry } from './entry.ts'

/** What the shell that is wanted is, beside its user. */
export interface Wanted {
  /** `/bin/sh` unless told */
  readonly program?: string
  /** whether it is to know of the agent that is forwarded to the login, which sudo would make it forget */
  readonly agent?: boolean
}

/**
 * The way to a shell as the target's become user, for who is logged in as `user`. Where a password may be asked for, it
 * goes to standard input, and the shell says that it has begun: whether it is asked for at all is the host's to say,
 * and a password that nobody asked for would be the shell's first line.
 */
export function entryOf(
  target: Target,
  user: string,
  { program = '/bin/sh', agent = false }: Wanted = {},
): Entry {
  const shell = quote(program)
  if (!target.become || target.becomeUser === user) return { command: `exec ${shell}`, enter: async () => {} }
  const mark = `quayside-${randomBytes(16).toString('hex')}`
  return target.becomeMethod === 'su'
    ? bySu(target, mark, shell)
    : bySudo(target, user, mark, { shell, agent })
}

/** Without a password it is `sudo -n`, which fails instead of asking. */
function bySudo(
  target: Target,
  user: string,
  mark: string,
  { shell, agent }: { shell: string; agent: boolean },
): Entry {
  const who = target.becomeUser === 'root' ? '' : ` -u ${quote(target.becomeUser)}`
  const password = target.becomePassword
  const first = [
    ...(password === undefined ? [] : [`echo ${mark}-in`]),
    ...(agent ? ['SSH_AUTH_SOCK=$1', 'export SSH_AUTH_SOCK'] : []),
  ]
  // The login shell fills in the socket's path, which is no secret: its folder is closed to others.
  const shellAndMore =
    first.length === 0
      ? shell
      : `${shell} -c ${quote([...first, `exec ${shell}`].join('; '))}${agent ? ' sh "$SSH_AUTH_SOCK"' : ''}`
  if (password === undefined)
    return { command: `exec sudo -n -H${who} ${shellAndMore}`, enter: async () => {} }
  const ask = `${mark}-ask`
  const asks: Asks = {
    program: 'sudo',
    whose: user,
    times: (said) => said.split(ask).length - 1,
    clean: (said) => said.replaceAll(ask, ''),
  }
  return {
    command: `exec sudo -S -p ${ask} -H${who} ${shellAndMore}`,
    enter: (started) => enter(target, mark, asks, started),
  }
}

/**
 * Without a terminal su reads the one line of the password from its standard input, byte by byte (so PAM's misc_conv
 * does, for util-linux). It is told to speak English, since its prompt can be known by its words alone. It keeps the
 * environment, and with it the socket of a forwarded agent.
 */
function bySu(target: Target, mark: string, shell: string): Entry {
  const first = `echo ${mark}-in; unset LANGUAGE; USER=$(id -un); LOGNAME=$USER; export USER LOGNAME; exec ${shell}`
  const asks: Asks = {
    program: 'su',
    whose: target.becomeUser,
    times: (said) => said.match(/password[^\n:]*: ?/gi)?.length ?? 0,
    clean: (said) => said.replace(/^password: ?/gim, ''),
  }
  return {
    command: `exec env LANGUAGE=en su -s ${shell} -c ${quote(first)} -- ${quote(target.becomeUser)}`,
    enter: (started) => enter(target, mark, asks, started),
  }
}
