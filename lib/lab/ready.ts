import { readFile, writeFile } from 'node:fs/promises'
import { docker } from './docker.ts'
import { hostImage } from './host-image.ts'
import { objectStoreStamp } from './object-store.ts'
import { accessOf } from './state.ts'
import { containerOf, type LabName, labs } from './topology.ts'

const format = '{{.Id}} {{.State.Status}} {{.State.StartedAt}}'

/**
 * True when every machine runs that was found ready before, and neither was one started anew since nor has what they are
 * made from changed: one question to docker, where proving it again costs a login to each. A machine that fails meanwhile
 * fails in the run's own words.
 */
export async function knownReady(lab: LabName): Promise<boolean> {
  const noted = readFile(accessOf(lab).ready, 'utf8').catch(() => undefined)
  const [now, then] = await Promise.all([stamp(lab), noted])
  return now !== undefined && now === then
}

/** Notes that every machine is ready, as it runs now. */
export async function noteReady(lab: LabName): Promise<void> {
  const now = await stamp(lab)
  if (now !== undefined) await writeFile(accessOf(lab).ready, now)
}

/** What tells this set of running machines from any other; undefined unless all of them run. */
async function stamp(lab: LabName): Promise<string | undefined> {
  const names = [...labs[lab].hosts, ...labs[lab].services].map(({ name }) => containerOf(name))
  const said = await docker(['container', 'inspect', '--format', format, ...names]).catch(() => undefined)
  if (said === undefined) return undefined
  const lines = said.trim().split('\n')
  const running = lines.length === names.length && lines.every((line) => line.includes(' running '))
  return running ? [await hostImage(), await objectStoreStamp(), ...lines].join('\n') : undefined
}
