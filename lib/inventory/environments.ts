import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UsageError } from '../error.ts'
import { shownPath } from './fault.ts'
import { didYouMean } from './nearest.ts'

/** The path of an environment's hosts.yaml; when there is none, an error that names the environments that exist. */
export async function hostsFile(env: string, dir: string): Promise<string> {
  const found = hostsFileIn(dir)
  if (found !== undefined) return found
  const known = await environments(dirname(dir))
  const list = known.length === 0 ? undefined : `the environments are: ${known.join(', ')}`
  if (await isDirectory(dir))
    throw new UsageError(`${shownPath(join(dir, 'hosts.yaml'))} does not exist`, list)
  const hints = [didYouMean(basename(dir), known), list].filter((hint) => hint !== undefined)
  throw new UsageError(
    `there is no environment \`${env}\`: ${shownPath(dir)} does not exist`,
    hints.join(' ') || undefined,
  )
}

/** The folders under inventory/ that hold a hosts.yaml, or say which Terraform has the hosts, by name. */
export async function environments(root: string): Promise<readonly string[]> {
  if (!(await isDirectory(root))) return []
  const entries = await readdir(root)
  return entries.filter((name) => isEnvironment(join(root, name))).sort()
}

function isEnvironment(dir: string): boolean {
  return hostsFileIn(dir) !== undefined || existsSync(join(dir, 'terraform.yaml'))
}

export function hostsFileIn(dir: string): string | undefined {
  return ['hosts.yaml', 'hosts.yml'].map((name) => join(dir, name)).find((path) => existsSync(path))
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
