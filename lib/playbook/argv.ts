import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../error.ts'

/**
 * The words after the playbook's own name. Under zx the script stands at argv[2], under bun and node at [1]; words
 * before it went to zx itself, where a --env would be taken for its own option.
 */
export function argumentsOf(url: string, argv: readonly string[] = process.argv): readonly string[] {
  const own = realpathSync(fileURLToPath(url))
  const at = argv.findIndex((word, index) => index > 0 && sameFile(word, own))
  if (at < 0) return argv.slice(2)
  const before = argv.slice(2, at)
  if (before.length > 0)
    throw new UsageError(
      `flags must follow the playbook's name: "${before.join(' ')}" went to zx`,
      `npx zx ${argv[at]} ${[...before, ...argv.slice(at + 1)].join(' ')}`,
    )
  return argv.slice(at + 1)
}

function sameFile(word: string, own: string): boolean {
  try {
    return realpathSync(word) === own
  } catch {
    return false
  }
}
