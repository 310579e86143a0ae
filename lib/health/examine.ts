import { ConnectionError } from '../connection/index.ts'
import type { Fleet } from '../engine/fleet.ts'
import type { Session } from '../engine/session.ts'
import { messageOf, QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import type { Check, Examination, Finding, Seen } from './check.ts'
import { type Answer, gather, longest, type Patience, said } from './gather.ts'

/** They may keep a small host too busy to answer: who is cut off is asked a second time. */
const patience = { first: { usual: 5, busy: 5 }, second: { usual: 5, busy: 15 } } as const

/** past the end of the last check: the time in which a host tells what they said */
const tellingSeconds = 5

/**
 * Makes checks on their hosts, on all hosts at the same time and in one round trip each, or two where some were cut off. It changes nothing there and takes
 * no lock; a host that cannot be reached is a finding of its own, and the others are still asked.
 */
export async function examine(fleet: Fleet, checks: readonly Check[]): Promise<Examination> {
  const hosts = [...new Set(checks.map(({ host }) => host))]
  const each = await Promise.all(
    hosts.map((host) =>
      onHost(
        fleet,
        host,
        checks.filter((check) => check.host === host),
      ),
    ),
  )
  return {
    findings: each.flatMap(({ findings }) => findings),
    unreachable: each.flatMap(({ unreachable }) => unreachable),
  }
}

async function onHost(fleet: Fleet, host: Host, checks: readonly Check[]): Promise<Examination> {
  try {
    const session = await fleet.session(host)
    const first = await ask(session, checks, patience.first)
    const late = checks.filter((_, index) => first[index]?.cut)
    const second = late.length === 0 ? [] : await ask(session, late, patience.second)
    const findings = checks.flatMap((check, index) => {
      const answer = second[late.indexOf(check)] ?? first[index]
      return answer === undefined ? [] : found(check, answer)
    })
    return { findings, unreachable: [] }
  } catch (error) {
    if (error instanceof Refused) return { findings: [lost(host.name, error.message)], unreachable: [] }
    return { findings: [unreached(host.name, error)], unreachable: [host.name] }
  }
}

/** A host that cannot run checks at all. */
class Refused extends Error {}

/** One answer a check, in order; throws Refused, or a ConnectionError. */
async function ask(session: Session, checks: readonly Check[], within: Patience): Promise<readonly Answer[]> {
  const { script, read } = gather(
    checks.map((check) => check.script),
    within,
  )
  const result = await session.ask(script, {
    title: 'the look at its health',
    timeoutSeconds: longest(checks.length, within) + tellingSeconds,
  })
  if (result.code !== 0) throw new Refused(said(result))
  return read(result.stdout)
}

/** The line of a host that could not be asked. Throws what is no matter of its connection. */
export function unreached(host: string, error: unknown): Finding {
  if (!(error instanceof ConnectionError) || error.reason === 'interrupted') throw error
  const { hint } = error
  const text = messageOf(error).replace(`${host}: `, '').split('\n')[0] ?? ''
  return lost(host, `cannot be asked: ${text}${hint === undefined ? '' : ` (${hint.split('\n')[0]})`}`)
}

function lost(host: string, seen: string): Finding {
  return { host, service: 'host', layer: 'host', verdict: 'failed', seen, ms: 0 }
}

/** What the answer to a check means: its lines of the table. */
export function found(check: Check, answer: Answer): readonly Finding[] {
  const { host, service, layer } = check
  return judged(check, answer).map((seen) => ({
    host: host.name,
    service,
    layer,
    ms: answer.ms,
    ...seen,
  }))
}

function judged(check: Check, answer: Answer): readonly Seen[] {
  if (answer.cut)
    return [{ verdict: 'failed', seen: `${check.what}: no answer within ${answer.allowed} s: cut off` }]
  try {
    return check.judge(answer)
  } catch (error) {
    // A fault in one judgement is no reason to tell nothing of the others.
    if (error instanceof QuaysideError) throw error
    return [{ verdict: 'failed', seen: `${check.what}: what it says cannot be read: ${messageOf(error)}` }]
  }
}
