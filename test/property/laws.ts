import type { Connection } from '../../lib/connection/connection.ts'
import { type Change, Conflict, type Plan, type Resource } from '../../lib/resource/index.ts'
import { lines, raw } from '../../lib/script/index.ts'
import { look as probe } from '../lab/converge.ts'
import { cutOff } from './cut.ts'
import { changed, difference, type Facts } from './facts.ts'

/** How a case may end other than by a change that takes: decided by the look before, not by the plan. */
export type Ending = 'conflict' | 'unknown' | 'failure'

/** Where a first apply is cut off: before or after its command number `at`; `count` is a path to count on. */
export interface Cut {
  readonly at: number
  readonly after: boolean
  readonly count: string
}

/** A wish in a prior state that has been made real, and all that is known of it from outside of the resource. */
export interface Scene {
  readonly connection: Connection
  readonly resource: Resource
  /** the host as it is, seen by other means than the resource's own probe */
  look(): Promise<Facts>
  /** what is not as the wish says; undefined when all is */
  wrong(facts: Facts): string | undefined
  /** how the case must end where it cannot end as wished */
  ending?(before: Facts): Ending | undefined
  /** whether the fact is the resource's to change; all others must stay as they are, times and inodes too */
  owns(key: string): boolean
  /** throws when the plan's words or diff are not what the two looks show */
  foretold?(change: Change, before: Facts, after: Facts): void
  /** texts that must stand in nothing that a person sees */
  readonly secrets?: readonly string[]
  readonly cut?: Cut | undefined
  /** a change that was cut off leaves the old or the new state, nothing between */
  readonly atomic?: boolean
}

/**
 * The laws that every resource keeps, in one case: looking and planning change nothing; the plan is "change" just
 * when something is not as wished; a change makes it so, touches nothing else, does what its plan said, and may be
 * made again; a Conflict, or an apply that fails, leaves everything as it was; a change cut off in the middle is made
 * good by the next run; no secret is shown.
 */
export async function obey(scene: Scene): Promise<void> {
  const before = await scene.look()
  const plan = await planned(scene, before)
  const ending = scene.ending?.(before)
  if (plan === 'conflict' || ending === 'conflict' || plan.kind === 'unknown' || ending === 'unknown') {
    same('the ending', ending ?? 'change', plan === 'conflict' ? plan : plan.kind)
    return
  }
  const wrong = scene.wrong(before)
  if (plan.kind === 'unchanged') {
    if (wrong !== undefined) throw new Error(`the plan is "unchanged", but ${wrong}`)
    return
  }
  if (wrong === undefined) throw new Error(`the plan is "${plan.summary}", but all is as wished`)
  hidden(scene, plan)
  if (ending === 'failure') return fails(scene, plan, before)
  if (scene.cut === undefined) await takes(scene, plan, before)
  else await cutShort(scene, plan, before, scene.cut)
}

/** The change is made: it is as wished, as foretold, alone, settled, and harmless to make again. */
async function takes(scene: Scene, change: Change, before: Facts, probed = before): Promise<void> {
  const { code, stderr } = await applied(scene, change)
  if (code !== 0) throw new Error(`the apply of "${change.summary}" ended with ${code}: ${stderr}`)
  const after = await scene.look()
  asWished(scene, after, `after "${change.summary}"`)
  alone(scene, before, after, `"${change.summary}"`)
  scene.foretold?.(change, probed, after)
  await settled(scene, after)
  await applied(scene, change)
  const twice = await scene.look()
  asWished(scene, twice, `after "${change.summary}" was made twice`)
  alone(scene, before, twice, `"${change.summary}" made twice`)
  await settled(scene, twice)
}

/** The change is cut off; the next run makes it good. */
async function cutShort(scene: Scene, change: Change, before: Facts, point: Cut): Promise<void> {
  const { at, after, count } = point
  await scene.connection.run(cutOff(change.apply, count, at, after))
  const cut = await scene.look()
  const touched = changed(before, cut).filter((key) => !isCandidate(key))
  const strange = touched.filter((key) => !scene.owns(key))
  if (strange.length > 0) throw new Error(`cut off at ${at}, it changed ${strange.join(', ')}`)
  const whole = scene.wrong(cut) === undefined
  // The folder's time moves with the candidate; of the thing itself nothing may, before all of it has.
  if (scene.atomic === true && !whole && touched.some((key) => !key.endsWith(': modified'))) {
    throw new Error(`cut off at ${at}, it left neither old nor new: ${difference(before, cut)}`)
  }
  const again = await planned(scene, cut)
  if (again === 'conflict' || again.kind === 'unknown') throw new Error(`cut off at ${at}, it cannot go on`)
  if (again.kind === 'change') {
    if (whole) throw new Error(`cut off at ${at}, the plan is "${again.summary}", but all is as wished`)
    await takes(scene, again, before, cut)
    return
  }
  const left = [...cut.keys()].filter((key) => isCandidate(key) && !before.has(key))
  if (left.length > 0) throw new Error(`cut off at ${at}, it is done and left ${left.join(', ')}`)
  if (!whole) throw new Error(`cut off at ${at}, the plan is "unchanged", but ${scene.wrong(cut)}`)
}

async function fails(scene: Scene, change: Change, before: Facts): Promise<void> {
  const { code, stderr } = await applied(scene, change)
  if (code === 0) throw new Error(`"${change.summary}" should have failed`)
  if (stderr.trim() === '') throw new Error(`"${change.summary}" failed and said nothing`)
  const after = await scene.look()
  // A candidate came and went: the folder's time may tell.
  alone(
    { ...scene, owns: (key) => key.endsWith(': modified') && scene.owns(key) },
    before,
    after,
    `"${change.summary}" failed, and`,
  )
}

/** Probes and plans, and holds the host to be just as it was. */
async function planned(scene: Scene, before: Facts): Promise<Plan | 'conflict'> {
  let plan: Plan | 'conflict' = 'conflict'
  try {
    plan = await probe(scene.connection, scene.resource)
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    for (const secret of scene.secrets ?? []) {
      if (`${error.message}${error.hint}`.includes(secret)) throw new Error('a Conflict shows a secret')
    }
  }
  const after = await scene.look()
  if (changed(before, after).length > 0) throw new Error(`looking changed ${difference(before, after)}`)
  return plan
}

async function applied(scene: Scene, change: Change) {
  const { timeoutSeconds = 600 } = change
  const result = await scene.connection.run(lines(raw('set -e'), change.apply), { timeoutSeconds })
  if (result.code === 0) await change.receive?.(result.stdout)
  return result
}

function asWished(scene: Scene, facts: Facts, when: string): void {
  const wrong = scene.wrong(facts)
  if (wrong !== undefined) throw new Error(`${when}: ${wrong}`)
}

function alone(scene: Scene, before: Facts, after: Facts, what: string): void {
  // What an earlier run left may go; nothing of the kind may stay.
  const mine = (key: string) => (isCandidate(key) ? !after.has(key) : scene.owns(key))
  const strange = new Set(changed(before, after).filter((key) => !mine(key)))
  const only = (facts: Facts) => new Map([...facts].filter(([key]) => strange.has(key)))
  if (strange.size > 0) throw new Error(`${what} also changed ${difference(only(before), only(after))}`)
}

async function settled(scene: Scene, now: Facts): Promise<void> {
  const next = await planned(scene, now)
  if (next === 'conflict') throw new Error('the next plan is a Conflict')
  if (next.kind !== 'unchanged') throw new Error(`the next plan is ${JSON.stringify(next)}`)
}

function hidden(scene: Scene, change: Change): void {
  const shown = [change.summary, change.diff ?? '', String(change.apply), JSON.stringify(change)]
  shown.push(scene.resource.id, String(scene.resource.probe))
  for (const secret of scene.secrets ?? []) {
    const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1)
    for (const text of shown) {
      if (text.includes(secret) || text.includes(encoded)) throw new Error(`the plan shows a secret: ${text}`)
    }
  }
}

/** A half-made new version, beside the old one. */
function isCandidate(key: string): boolean {
  return /(?:^|\/)\.[^/]*\.quayside: [a-z]+$/.test(key)
}

function same(what: string, wanted: string, is: string): void {
  if (wanted !== is) throw new Error(`${what} should be ${wanted}, and is ${is}`)
}
