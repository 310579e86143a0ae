import type { Release } from '../deploy/release.ts'
import { messageOf, QuaysideError } from '../error.ts'
import type { Script } from '../script/index.ts'
import type { Stored } from './content.ts'
import {
  type Kept,
  keepFile,
  noteDeployed,
  parseKept,
  readFile,
  readKept,
  restoreConfigs,
  type StackDeployed,
} from './kept.ts'
import type { StackWork } from './rollout.ts'

/** Managers that a deploy works with. */
type Keepers = Pick<StackWork, 'fleet' | 'managers' | 'emit'>

/** What the managers have kept: of one that was away while the others deployed, the others know better. */
export async function newestKept(work: Keepers): Promise<Kept> {
  const all = (await ofEach(work, 'read the history', readKept)).map(parseKept)
  const at = ({ history }: Kept) => history.at(-1)?.at ?? ''
  return all.reduce((newest, each) => (at(each) > at(newest) ? each : newest), { history: [], file: '' })
}

export async function keepOnEach(
  work: Keepers,
  release: Release,
  text: string,
  stored: readonly Stored[],
): Promise<void> {
  await ofEach(work, 'keep the file of the release', keepFile(release, text, stored))
}

export async function noteOnEach(work: Keepers, deployed: StackDeployed): Promise<void> {
  await ofEach(work, 'write the history', noteDeployed(deployed))
}

/** The file of a release, from whichever manager has it: one that was away when it was deployed has not. */
export async function keptFile(work: Keepers, release: Release): Promise<string> {
  const [text] = (await ofEach(work, 'read its file', readFile(release))).filter((each) => each !== '')
  if (text !== undefined) return text
  throw new QuaysideError(`no manager has the file of ${release.id} any more`, {
    hint: `deploy it: deploy.ts --release ${release.id}`,
  })
}

/** Has the swarm know configs again that it has forgotten, from whichever manager has kept them. */
export async function restoreOnEach(work: Keepers, stack: string, objects: readonly string[]): Promise<void> {
  await ofEach(work, 'store its configs again', restoreConfigs(stack, objects))
}

/**
 * What a script prints on every manager. One that went away meanwhile is told of: the history is read from those that were
 * there.
 */
async function ofEach(
  { fleet, managers, emit }: Keepers,
  step: string,
  script: Script,
): Promise<readonly string[]> {
  const settled = await Promise.allSettled(
    managers.map((host) => fleet.run([host], step, () => script, { timeoutSeconds: 30 })),
  )
  const failed = settled.flatMap((each) => (each.status === 'rejected' ? [messageOf(each.reason)] : []))
  if (failed.length === settled.length) throw new QuaysideError(`${step}: ${failed.join('; ')}`)
  for (const why of failed) emit({ type: 'note', text: `${step}: ${why}` })
  return settled.flatMap((each) =>
    each.status === 'fulfilled' ? [...each.value.values()].map(({ stdout }) => stdout) : [],
  )
}
