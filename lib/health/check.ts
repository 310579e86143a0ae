import type { Host } from '../inventory/inventory.ts'
import type { Script } from '../script/index.ts'
import type { Answer } from './gather.ts'

/** What can be looked at, from the ground up. */
export const layers = [
  'host',
  'disk',
  'container',
  'port',
  'query',
  'https',
  'tls',
  'wal',
  'backup',
  'state',
] as const
export type Layer = (typeof layers)[number]

export type Verdict = 'ok' | 'warning' | 'failed'

/** What a check saw, and what that means. */
export interface Seen {
  readonly verdict: Verdict
  /** for a person, in one line: "api-blue-1: healthy, up 3 h" */
  readonly seen: string
  /** where it is another service's than the check's own */
  readonly service?: string
  /** of a certificate */
  readonly daysLeft?: number
}

/** One look at one service of a host: a script that changes nothing, and what its answer means. */
export interface Check {
  /** where it is asked */
  readonly host: Host
  readonly service: string
  readonly layer: Layer
  /** what it asks, for one that gets no answer: "/api/ready", "redis" */
  readonly what: string
  /** POSIX sh without secrets: what it needs of them it reads on the host */
  readonly script: Script
  /** Pure. Not asked where no answer came in time. */
  judge(answer: Answer): readonly Seen[]
}

/** A line of the table. */
export interface Finding extends Seen {
  readonly host: string
  readonly service: string
  readonly layer: Layer
  /** how long its check took on the host */
  readonly ms: number
}

/** What checks found, and the hosts that could not be asked. */
export interface Examination {
  readonly findings: readonly Finding[]
  readonly unreachable: readonly string[]
}

/** The worst of verdicts; ok of none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return (['failed', 'warning'] as const).find((each) => verdicts.includes(each)) ?? 'ok'
}

/** The verdict on a share of something that must not run out, by the shares from which on it is one. */
export function byShare(share: number, warning: number, failed: number): Verdict {
  if (share >= failed) return 'failed'
  return share >= warning ? 'warning' : 'ok'
}
