import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDir } from '../state.ts'
import type { LabName } from './topology.ts'

/** Where the lab keeps what outlives a run, for all clones of the project on this machine. */
export const stateDirectory = stateDir('lab')

/** How the hosts of one lab are got into, in the state directory of its environment. */
export interface Access {
  readonly directory: string
  readonly key: string
  readonly publicKey: string
  readonly knownHosts: string
  /** which machines were found ready */
  readonly ready: string
}

export function accessOf(lab: LabName): Access {
  const directory = stateDir(lab)
  const key = join(directory, 'id_ed25519')
  return {
    directory,
    key,
    publicKey: `${key}.pub`,
    knownHosts: join(directory, 'known_hosts'),
    ready: join(directory, 'ready'),
  }
}

export const state = {
  ...accessOf('lab'),
  ageKey: join(stateDirectory, 'age.txt'),
  lock: join(stateDirectory, 'lock'),
  engine: join(stateDirectory, 'engine.json'),
  engineLog: join(stateDirectory, 'dockerd.log'),
  bootstrap: join(stateDirectory, 'bootstrap'),
} as const

/** Makes a state directory, readable by its owner alone. */
export async function ensureState(directory: string = stateDirectory): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
}
