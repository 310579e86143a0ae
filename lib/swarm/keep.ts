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

/** What the managers have kept, put together: one that was away while others deployed lacks what the others have. */
export async function newestKept(work: Keepers): Promise<Kept> {
  return merged((await ofEach(work, 'read the history', readKept)).map(parseKept))
}

/**
 * One history of several: each deploy once, the oldest first. A manager that was away for one deploy and there for the next has a
 * gap before its last line. The file is that of the last deploy, from whichever has it.
 */
export function merged(all: readonly Kept[]): Kept {
  const known = new Map(
    all.flatMap(({ history }) => history.map((each) => [`${each.at} ${each.id} ${each.config}`, each])),
  )
  // ISO 8601 in UTC sorts by time.
  const history = [...known.values()].toSorted((one, two) => (one.at < two.at ? -1 : 1))
  const last = history.at(-1)
  const holds = (kept: Kept) =>
    kept.file !== '' && kept.history.at(-1)?.at === last?.at && kept.history.at(-1)?.config === last?.config
  return { history, file: all.find(holds)?.file ?? '' }
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
