import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Fleet } from '../engine/fleet.ts'
import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import { Secret } from '../secret/index.ts'
import { stateDir } from '../state.ts'

/** Where this machine keeps the key that opens an environment's locked managers, readable by its owner alone. */
export function unlockKeyFile(env: string): string {
  return join(stateDir(env), 'swarm_unlock_key')
}

/** The key that was kept; undefined where none was. */
export async function keptUnlockKey(env: string): Promise<Secret | undefined> {
  const text = await readFile(unlockKeyFile(env), 'utf8').catch(() => '')
  return text.trim() === '' ? undefined : new Secret(text.trim())
}

/**
 * Fetches the key from a manager and keeps it: the one thing that opens the swarm again after all managers have gone
 * down. Gives the path where it was new, undefined where it was kept already.
 */
export async function keepUnlockKey(fleet: Fleet, via: Host, env: string): Promise<string | undefined> {
  const results = await fleet.run([via], 'fetch the unlock key', () => sh`docker swarm unlock-key -q`)
  const key = new Secret((results.get(via.name)?.stdout ?? '').trim())
  const path = unlockKeyFile(env)
  if (key.reveal() === '' || (await keptUnlockKey(env))?.reveal() === key.reveal()) return undefined
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${key.reveal()}\n`, { mode: 0o600 })
  await chmod(draft, 0o600)
  await rename(draft, path)
  return path
}
