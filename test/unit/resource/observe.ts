import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../../lib/connection/connection.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import type { Plan, Resource } from '../../../lib/resource/index.ts'
import { targetLike } from '../../target.ts'

/** One row of a resource's table: what its probe printed, and what follows. */
export interface Case {
  readonly when: string
  readonly resource: Resource
  readonly stdout?: string
  readonly stderr?: string
  readonly code?: number
  /** "unchanged", "change: SUMMARY" or "unknown: REASON" */
  readonly plan: string
  readonly diff?: string
}

/** Runs each row of a table as a test of its own. */
export function table(cases: readonly Case[]): void {
  test.each(cases)('$when', ({ resource, stdout = '', stderr = '', code = 0, plan, diff }) => {
    const planned = resource.plan({ stdout, stderr, code })
    expect(inWords(planned)).toBe(plan)
    if (diff !== undefined) expect(planned.kind === 'change' && (planned.diff ?? '')).toBe(diff)
  })
}

/** A plan as one line. */
export function inWords(plan: Plan): string {
  if (plan.kind === 'change') return `change: ${plan.summary}`
  return plan.kind === 'unknown' ? `unknown: ${plan.reason}` : plan.kind
}

/** The script of a plan's change, secrets in place. */
export function applied(plan: Plan): string {
  if (plan.kind !== 'change') throw new Error(`no change: ${inWords(plan)}`)
  return plan.apply.reveal()
}

/** A shell on this machine and an empty directory, for the tests of one file. */
export function onThisMachine(): { readonly shell: Connection; readonly folder: string } {
  const held: { shell?: Connection; folder?: string } = {}
  beforeAll(async () => {
    held.folder = await mkdtemp(join(tmpdir(), 'quayside-resource-'))
    held.shell = await openConnection(targetLike())
  })
  afterAll(async () => {
    await held.shell?.close()
    if (held.folder !== undefined) await rm(held.folder, { recursive: true })
  })
  const given = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('not before beforeAll')
    return value
  }
  return {
    get shell() {
      return given(held.shell)
    },
    get folder() {
      return given(held.folder)
    },
  }
}

/** The user and group that these tests run as. */
export const me = { owner: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 }
