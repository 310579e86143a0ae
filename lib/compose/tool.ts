import { run } from '../command.ts'
import { QuaysideError } from '../error.ts'

/** How Compose is called on this machine, and which it is. */
export interface Tool {
  readonly words: readonly string[]
  /** such as 2.26.1 */
  readonly version: string
}

/** The oldest that reads these files as they are meant: `extends` with everything in it, JSON a line from `ps`. */
const least = [2, 20]

/**
 * Compose as Docker's plugin, or as a program of its own: the newest that will do. `others` are programs to try after
 * those. Throws where there is none, or none that is new enough.
 */
export async function findCompose(others: readonly string[] = []): Promise<Tool> {
  const ways = [['docker', 'compose'], ['docker-compose'], ...others.map((path) => [path])]
  const found: Tool[] = []
  for (const words of ways) {
    const version = await versionOf(words)
    if (version === undefined) continue
    const tool = { words, version }
    if (isEnough(version)) return tool
    found.push(tool)
  }
  const [old] = found
  throw new QuaysideError(
    old === undefined
      ? 'this machine has no Docker Compose'
      : `${old.words.join(' ')} is ${old.version}: ${least.join('.')} or newer is needed`,
    {
      hint: 'it comes with Docker Desktop; with Docker on Linux install docker-compose-plugin (Debian 13: docker-compose)',
    },
  )
}

async function versionOf(words: readonly string[]): Promise<string | undefined> {
  const said = await run([...words, 'version', '--short'], { timeout: 20_000 }).catch(() => undefined)
  return said === undefined ? undefined : /\d+\.\d+(?:\.\d+)?/.exec(said)?.[0]
}

export function isEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}
