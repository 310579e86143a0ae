import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Place, shownPath } from '../inventory/fault.ts'

/** A text file of the project. */
export interface Source {
  /** from the project's root: "roles/redis/schema.ts" */
  readonly path: string
  /** as a person here would type it */
  readonly shown: string
  readonly text: string
}

/** Where people write what hosts become; lib/ and test/ are not looked into. */
const places = [
  'inventory',
  'playbooks',
  'stack',
  'roles',
  'compose',
  'kubernetes',
  'terraform',
  'docker',
  'docs',
  '.ci',
  'README.md',
  'package.json',
]

const largest = 1 << 20
const unread = /(^|\/)(node_modules|\.git)\/|\.(age|png|lock|gz)$|(^|\/)package-lock\.json$|^docs\/schemas\//

/** The texts that are or could be committed: git's own list, or without git all that is there. */
export async function sourcesOf(root: string): Promise<readonly Source[]> {
  const paths = (await listed(root)) ?? (await walked(root))
  const sources = await Promise.all(
    paths.filter((path) => !unread.test(path)).map((path) => sourceAt(root, path)),
  )
  return sources.filter((source) => source !== undefined)
}

/** The place of an offset in a text. */
export function placeAt({ shown, text }: Source, offset: number): Place {
  const before = text.slice(0, offset)
  return { file: shown, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

/** TypeScript with its comments blanked: what is left stands where it stood. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, (comment) =>
    comment.replaceAll(/[^\n]/g, ' '),
  )
}

async function sourceAt(root: string, path: string): Promise<Source | undefined> {
  const full = join(root, path)
  const size = await stat(full).then(
    (found) => (found.isFile() ? found.size : Number.POSITIVE_INFINITY),
    () => Number.POSITIVE_INFINITY, // deleted, and git does not know yet
  )
  if (size > largest) return undefined
  const text = await readFile(full, 'utf8')
  return text.includes('\0') ? undefined : { path, shown: shownPath(full), text }
}

async function listed(root: string): Promise<readonly string[] | undefined> {
  try {
    const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...places]
    const { stdout } = await promisify(execFile)('git', words, { cwd: root, maxBuffer: 1 << 26 })
    const paths = [...new Set(stdout.split('\0').filter((path) => path !== ''))].sort()
    // A copy inside somebody's ignored folder is no repository of its own.
    return paths.length === 0 ? undefined : paths
  } catch {
    return undefined
  }
}

async function walked(root: string): Promise<readonly string[]> {
  const found = await Promise.all(
    places.map(async (place) => {
      const names = await readdir(join(root, place), { recursive: true }).catch(() => undefined)
      return names === undefined ? [place] : names.map((name) => join(place, name))
    }),
  )
  return found.flat().sort()
}
