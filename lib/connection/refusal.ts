import type { Target } from './connection.ts'
import { dockerRefused } from './docker-refusal.ts'
import { ConnectionError } from './error.ts'

/** Why no shell came up on a host that let us in, from what it printed instead. */
export function shellRefused(target: Target, printed: string, why: string | undefined): ConnectionError {
  if (target.connection === 'docker') return dockerRefused(target, printed, why)
  const said = printed.trim().split('\n').slice(0, 3).join(' / ')
  const user = target.user ?? 'the user'
  if (/^sudo: .*(password is required|terminal is required|askpass)/m.test(printed)) {
    const hint = 'give it to --ask-become-pass (-K) or by become_password in the inventory'
    return refused(
      target,
      'become',
      `sudo wants a password from ${user}: ${said}`,
      `${hint}; or ${noPasswd(user)}`,
    )
  }
  if (/not in the sudoers file|not allowed to (run|execute)/.test(printed)) {
    return refused(target, 'become', `${user} may not use sudo: ${said}`, noPasswd(user))
  }
  if (/sudo.*(not found|no such file)/i.test(printed)) {
    return refused(target, 'become', 'sudo is not installed', 'install sudo there, or connect as root')
  }
  if (/^su: /m.test(printed) || /\bsu: .*(not found|no such file)/i.test(printed)) {
    return refused(
      target,
      'become',
      `su does not make ${user} ${target.becomeUser}: ${said}`,
      `try it on the host as ${user}: su ${target.becomeUser} -c id; or become by sudo`,
    )
  }
  if (/password.*(expired|change required)|account.*expired/i.test(printed)) {
    return refused(
      target,
      'shell',
      `the host lets ${user} in, but no further: ${said}`,
      `log in as ${user} by hand and set a new password, or look at it as root with: chage -l ${user}`,
    )
  }
  const hint = `look at ${user}'s login shell and its start-up files on the host`
  return refused(target, 'shell', `no shell started: ${said || (why ?? 'no answer')}`, hint)
}

function noPasswd(user: string): string {
  return `give ${user} sudo without a password: echo '${user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/${user}`
}

function refused(target: Target, reason: 'become' | 'shell', message: string, hint: string): ConnectionError {
  return new ConnectionError(target.name, message, { reason, hint })
}
