import { whoami, withLock } from '../../engine/lock.ts'
import type { Session } from '../../engine/session.ts'
import { messageOf } from '../../error.ts'
import { newId } from '../layout.ts'
import { signed } from '../signature.ts'
import { type Evidence, evidenceVersion } from './evidence.ts'
import { page } from './page.ts'
import { recoverySteps } from './recovery.ts'
import { listAll, lock, removeAll, scratchOf } from './scratch.ts'
import { Steps } from './steps.ts'
import type { Chosen, Course, DrillSpec, Findings, Work } from './work.ts'

/** Evidence as it is kept: JSON, signed, and a page to look at. */
export interface Kept {
  readonly evidence: Evidence
  readonly json: string
  readonly html: string
  /** where the JSON stands in the store */
  readonly key: string
}

/**
 * Proves that a backup, or a point in time, can be had: on the drill host, checked, and booted. What is wrong with it is
 * in the evidence, which is put beside it in any case; what is thrown says nothing of it. Of what it makes on the host
 * nothing is left, however it ends.
 */
export async function drill(spec: DrillSpec, chosen: Chosen, course: Course): Promise<Kept> {
  const { fleet, host, emit, signal } = spec
  const startedAt = new Date()
  const scratch = scratchOf(newId(startedAt))
  const steps = new Steps(emit, signal)
  const found: Findings = {
    databases: [],
    restored: new Map(),
    catalogs: new Map(),
    tables: [],
    indexes: [],
    apps: [],
  }
  await withLock(fleet, [host], lock, async () => {
    const session = await fleet.session(host)
    await clearAway(session, spec)
    const jobs = Math.min(8, Math.max(2, session.facts.cpus))
    const work: Work = { spec, chosen, steps, scratch, session, jobs, found }
    let left: readonly string[] = []
    try {
      await course.run(work)
    } finally {
      left = await remove(session)
      for (const each of left) emit({ type: 'note', host: host.name, text: `not removed: ${each}` })
    }
    steps.record('removed', 'all scratch is removed', { text: 'nothing is left on the host', problems: left })
  })
  const evidence = evidenceOf(spec, chosen, { drill: scratch.drill, startedAt, steps, found })
  return await keepEvidence(spec, evidence, course.folder(spec.plan.env, chosen.id))
}

/** What a drill that was killed has left: under the lock it is nobody's. */
async function clearAway(session: Session, { emit, signal, host }: DrillSpec): Promise<void> {
  const { stdout } = await session.connection.run(listAll, { title: 'the look for earlier scratch', signal })
  if (stdout.trim() === '') return
  emit({ type: 'note', host: host.name, text: `removing what an earlier drill left: ${inLine(stdout)}` })
  await session.connection.run(removeAll, { title: 'the removal of earlier scratch' })
}

/** Gives what is still there. Over a new connection where the drill's own was lost. */
async function remove(session: Session): Promise<readonly string[]> {
  const title = 'the removal of all scratch'
  const result = await session.connection
    .run(removeAll, { title })
    .catch(() => session.anew(removeAll, { title }))
    .catch((error: unknown) => ({ stdout: '', code: 1, stderr: messageOf(error) }))
  const lines = result.stdout.split('\n').filter((line) => line !== '')
  return result.code === 0 ? lines : [...lines, `it cannot be told: ${result.stderr.trim()}`]
}

function evidenceOf(
  spec: DrillSpec,
  chosen: Chosen,
  run: {
    readonly drill: string
    readonly startedAt: Date
    readonly steps: Steps
    readonly found: Findings
  },
): Evidence {
  const { steps, found, startedAt } = run
  const { safeUntil, recovery } = found
  return {
    version: evidenceVersion,
    drill: run.drill,
    env: spec.plan.env,
    backup: chosen.id,
    chosen: chosen.how,
    store: spec.store.name,
    host: spec.host.name,
    image: spec.server.image,
    by: whoami(),
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    ok: steps.ok,
    ...(recovery === undefined ? {} : { recovery }),
    ...(recovery === undefined && safeUntil !== undefined ? { snapshotAt: safeUntil } : {}),
    ...(safeUntil === undefined ? {} : { rpoSeconds: rpo(safeUntil, startedAt) }),
    ...rto(steps),
    steps: steps.records,
    tables: found.tables,
    indexes: found.indexes,
    apps: found.apps,
  }
}

/** What would have been lost, had all burnt down then: all that came after the snapshot, or the end of the archive. */
export function rpo(safeUntil: string, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - Date.parse(safeUntil)) / 100) / 10)
}

/** What a recovery would have taken: the steps that it has, without the proofs; none where one of them failed. */
export function rto({ records }: Pick<Steps, 'records'>): { readonly rtoSeconds?: number } {
  const needed = records.filter(({ id }) => recoverySteps.includes(id))
  if (needed.length === 0 || needed.some(({ outcome }) => outcome === 'failed' || outcome === 'not-run'))
    return {}
  return { rtoSeconds: Math.round(needed.reduce((sum, { ms }) => sum + ms, 0) / 100) / 10 }
}

async function keepEvidence(spec: DrillSpec, evidence: Evidence, folder: string): Promise<Kept> {
  const { store, signingKey } = spec
  const json = `${JSON.stringify(signed('evidence', evidence, signingKey), null, 1)}\n`
  const html = page(evidence)
  const key = `${folder}drills/${evidence.drill}.json`
  await store.put(key, Buffer.from(json), { absent: true })
  await store.put(`${folder}drills/${evidence.drill}.html`, Buffer.from(html), { absent: true })
  return { evidence, json, html, key }
}

function inLine(text: string): string {
  return text.trim().split('\n').join(', ')
}
