import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { QuaysideError } from '../error.ts'
import { differences, hostsText, isOurs } from './hosts-file.ts'
import type { Made } from './outputs.ts'

export interface Writing {
  /** the environment's folder of the inventory; it exists */
  readonly folder: string
  /** only say what would change */
  readonly check: boolean
  /** replace a hosts.yaml that a person wrote */
  readonly force: boolean
}

/**
 * Writes hosts.yaml, whole or not at all, and returns what changed in it. Throws a QuaysideError rather than to replace
 * what a person wrote.
 */
export async function writeHosts(made: Made, { check, folder, force }: Writing): Promise<readonly string[]> {
  const path = join(folder, 'hosts.yaml')
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const after = hostsText(made)
  if (before === after) return []
  if (before !== '' && !isOurs(before) && !force && !check)
    throw new QuaysideError(`${path} was written by a person`, {
      hint: '--force replaces it, --check says with what',
    })
  const changes = differences(before, after)
  if (!check) {
    const half = `${path}.${process.pid}.new`
    await writeFile(half, after)
    await rename(half, path)
  }
  return changes.length > 0 ? changes : ['~ how the hosts are logged in to']
}
