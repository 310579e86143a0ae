import type { Duplex } from 'node:stream'
import { messageOf } from '../error.ts'
import { ConnectionError, type ConnectionErrorOptions, InterruptedError, TimeoutError } from './error.ts'
import type { Hop } from './hop.ts'
import type { Offers } from './identity.ts'
import type { Settled } from './settled.ts'

/** How far an attempt to connect had come. */
export type Phase = 'reaching it' | 'negotiating with sshd' | 'logging in' | 'starting a shell'

/** What an attempt knew when it failed. */
export interface Attempt {
  readonly target: Settled
  readonly phase: Phase
  readonly offers: Offers
  readonly deadline: AbortSignal
  readonly signal: AbortSignal | undefined
  readonly hop: Hop | undefined
  readonly socket: Duplex | undefined
}

/** Words what went wrong on the way to an open connection, with what to do about it. */
export function connectFailure(attempt: Attempt, error: unknown): ConnectionError {
  const { target, phase, offers } = attempt
  if (error instanceof ConnectionError) return error
  const at = placeOf(attempt)
  const fail = (message: string, options: ConnectionErrorOptions) =>
    new ConnectionError(target.name, message, { ...options, cause: error })
  if (attempt.signal?.aborted) return new InterruptedError(target.name, `interrupted while ${phase}`)
  if (attempt.deadline.aborted) {
    const hint =
      phase === 'reaching it'
        ? 'is the host up, and does a firewall let us through?'
        : 'is the host overloaded?'
    return new TimeoutError(
      target.name,
      `no answer from ${at} in ${target.connectTimeoutSeconds} s while ${phase}`,
      { hint },
    )
  }
  const code = fieldOf(error, 'code')
  if (phase === 'reaching it' && attempt.hop !== undefined)
    return notForwarded(fail, target, attempt.hop, error)
  if (phase === 'reaching it') return notReached(fail, target, at, code, error)
  if (fieldOf(error, 'level') === 'client-authentication' || /authentication/i.test(messageOf(error))) {
    const tried = offers.offers.map((offer) => offer.name).join(', ')
    const unused = offers.passedOver.length === 0 ? '' : `; not usable: ${offers.passedOver.join(', ')}`
    return fail(`${at} does not let ${offers.user} in; tried ${tried}${unused}`, {
      reason: 'authentication',
      hint: `is the public key in ~${offers.user}/.ssh/authorized_keys on the host, and is the user right?`,
    })
  }
  if (/no matching/i.test(messageOf(error))) {
    return fail(`no common language with sshd at ${at}: ${messageOf(error)}`, {
      reason: 'negotiation',
      hint: 'the host offers only old algorithms: update its OpenSSH',
    })
  }
  if (/agent forwarding/.test(messageOf(error))) {
    return fail(`${at} does not let us forward an agent`, {
      reason: 'shell',
      hint: 'sshd there says AllowAgentForwarding no; or drop forward_agent from the inventory',
    })
  }
  const proxy = proxySaid(attempt.socket)
  if (proxy !== '') {
    return fail(`the ProxyCommand ended while ${phase}: ${proxy}`, {
      reason: 'unreachable',
      hint: `try it by hand: ${target.proxyCommand}`,
    })
  }
  return fail(`${at} closed the connection while ${phase}: ${messageOf(error)}`, {
    reason: 'reset',
    hint: 'is that port sshd, and does it refuse us (MaxStartups, PerSourcePenalties, fail2ban)?',
  })
}

/** Where we wanted to, and by which way. */
function placeOf({ target, hop }: Attempt): string {
  const at = `${target.host} port ${target.port}`
  if (hop !== undefined) return `${at} (through ${hop.name})`
  return target.proxyCommand === undefined ? at : `${at} (through ProxyCommand)`
}

/** What a jump host answered to being asked for a connection to a host behind it (RFC 4254, 5.1). */
function notForwarded(
  fail: (message: string, options: ConnectionErrorOptions) => ConnectionError,
  { host, port }: Settled,
  hop: Hop,
  error: unknown,
): ConnectionError {
  const said = messageOf(error).replace('(SSH) Channel open failure: ', '')
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'reason') : undefined
  if (code === 1) {
    return fail(`jump host ${hop.name} may not forward to ${host} port ${port}: ${said}`, {
      reason: 'refused',
      hint: `look at AllowTcpForwarding and PermitOpen of sshd on ${hop.name}`,
    })
  }
  if (code === 2) {
    return fail(`jump host ${hop.name} cannot connect to ${host} port ${port}: ${said}`, {
      reason: /refused/i.test(said) ? 'refused' : 'unreachable',
      hint: `the address is ${hop.name}'s to resolve and reach: is the host up, and is sshd on that port?`,
    })
  }
  return fail(`jump host ${hop.name} gave no connection to ${host} port ${port}: ${said}`, {
    reason: hop.gone ? 'reset' : 'unreachable',
    hint: `look whether ${hop.name} is up`,
  })
}

function proxySaid(socket: Duplex | undefined): string {
  const said: unknown = socket === undefined ? undefined : Reflect.get(socket, 'said')
  return typeof said === 'function' ? String(said()) : ''
}

function notReached(
  fail: (message: string, options: ConnectionErrorOptions) => ConnectionError,
  target: Settled,
  at: string,
  code: string,
  error: unknown,
): ConnectionError {
  switch (code) {
    case 'ECONNREFUSED':
      return fail(`${at} refused the connection`, {
        reason: 'refused',
        hint: 'is sshd running there, on that port?',
      })
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(`the name ${target.host} does not resolve`, {
        reason: 'name',
        hint: "correct the host's address in the inventory, or look at this machine's DNS",
      })
    case 'ETIMEDOUT':
      return fail(`no answer from ${at}`, {
        reason: 'timeout',
        hint: 'is the host up, and does a firewall let us through?',
      })
    case 'ECONNRESET':
    case 'EPIPE':
      return fail(`${at} reset the connection`, { reason: 'reset', hint: 'is that port sshd?' })
    default:
      return fail(`${at} cannot be reached: ${messageOf(error)}`, {
        reason: 'unreachable',
        hint: 'is this machine on the right network?',
      })
  }
}

/** A string field of a thrown value; of an AggregateError (several addresses tried), of its first error. */
function fieldOf(error: unknown, name: string): string {
  if (typeof error !== 'object' || error === null) return ''
  const value: unknown = Reflect.get(error, name)
  if (typeof value === 'string') return value
  return error instanceof AggregateError ? fieldOf(error.errors[0], name) : ''
}
