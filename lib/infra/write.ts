import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { QuaysideError } from '../error.ts'
import type { HostsSource } from '../inventory/hosts-source.ts'
import { stamped, withoutStamp } from '../inventory/hosts-stamp.ts'
import { differences, hostsText, isOurs } from './hosts-file.ts'
import type { Made } from './outputs.ts'

export interface Writing {
  /** the environment's folder of the inventory; it exists */
  readonly folder: string
  /** its terraform.yaml: what is written is then what playbooks read for as long as that says */
  readonly source: HostsSource | undefined
  /** only say what would change */
  readonly check: boolean
  /** replace a hosts.yaml that a person wrote */
  readonly force: boolean
}

/**
 * Writes hosts.yaml, whole or not at all, and returns what changed in it. Throws a QuaysideError rather than to replace
 * what a person wrote.
 */
export async function writeHosts(
  made: Made,
  { check, folder, force, source }: Writing,
): Promise<readonly string[]> {
  const path = join(folder, 'hosts.yaml')
  const before = await textOf(path)
  const after = hostsText(made, source?.groups, source?.tiers)
  const isSame = withoutStamp(before) === after
  if (isSame && (check || source === undefined)) return []
  if (before !== '' && !isOurs(before) && !force && !check) throw writtenByAPerson(path)
  if (!check) {
    const half = `${path}.${process.pid}.new`
    await writeFile(half, source === undefined ? after : stamped(after, source, new Date()))
    await rename(half, path)
  }
  if (isSame) return []
  const changes = differences(before, after)
  return changes.length > 0 ? changes : ['~ how the hosts are grouped, or logged in to']
}

/** Whether hosts.yaml is a person's: it is there, and not of our writing. */
export async function isPersons(folder: string): Promise<boolean> {
  const text = await textOf(join(folder, 'hosts.yaml'))
  return text !== '' && !isOurs(text)
}

export function writtenByAPerson(path: string): QuaysideError {
  return new QuaysideError(`${path} was written by a person`, {
    hint: '--force replaces it; infra.ts inventory --check says with what',
  })
}

/** Takes away a hosts.yaml of hosts that are no more; gives whether there was one. A person's is left. */
export async function removeHosts(folder: string): Promise<boolean> {
  const path = join(folder, 'hosts.yaml')
  if (!isOurs(await textOf(path))) return false
  await rm(path, { force: true })
  return true
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw error
  })
}
