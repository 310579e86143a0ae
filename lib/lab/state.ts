import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDir } from '../state.ts'

/** Where the lab keeps what outlives a run, for all clones of the project on this machine. */
export const stateDirectory = stateDir('lab')

export const state = {
  key: join(stateDirectory, 'id_ed25519'),
  publicKey: join(stateDirectory, 'id_ed25519.pub'),
  ageKey: join(stateDirectory, 'age.txt'),
  knownHosts: join(stateDirectory, 'known_hosts'),
  lock: join(stateDirectory, 'lock'),
  engine: join(stateDirectory, 'engine.json'),
  engineLog: join(stateDirectory, 'dockerd.log'),
  ready: join(stateDirectory, 'ready'),
  bootstrap: join(stateDirectory, 'bootstrap'),
} as const

/** Makes the state directory, readable by its owner alone. */
export async function ensureState(): Promise<void> {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 })
  await chmod(stateDirectory, 0o700)
}
