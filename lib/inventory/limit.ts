import { readFileSync } from 'node:fs'
import { messageOf, UsageError } from '../error.ts'
import { shownPath } from './fault.ts'
import type { Host, Inventory } from './inventory.ts'
import { split } from './pattern.ts'
import { type Members, select } from './select.ts'

/**
 * The hosts that `--limit PATTERN` leaves, in the order of the inventory: a host pattern, of which a part `@FILE` stands
 * for the hosts in that file, one a line, `#` begins a comment. Throws a UsageError where a part of it, or the whole,
 * matches nothing. The inventory itself is not made smaller: others' addresses and facts are still there to be asked for.
 */
export function limit(inventory: Inventory, pattern: string): readonly Host[] {
  const chosen = new Set(chosenBy(pattern, (given) => inventory.select(given).map(({ name }) => name)))
  return inventory.hosts.filter(({ name }) => chosen.has(name))
}

/** The same by names, for what happens before there is an Inventory. */
export function limited(pattern: string, members: Members): readonly string[] {
  return chosenBy(pattern, (given) => select(given, members))
}

function chosenBy(pattern: string, selected: (pattern: string) => readonly string[]): readonly string[] {
  const given = split(pattern)
    .flatMap((part) => (part.startsWith('@') ? namesIn(part.slice(1)) : [part]))
    .join(',')
  try {
    const chosen = selected(given)
    if (chosen.length > 0) return chosen
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`--limit: ${error.message}`, error.hint)
  }
  throw new UsageError(
    `--limit ${pattern} matches no host`,
    'each part of it does, but no host is in what is left',
  )
}

function namesIn(path: string): readonly string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--limit @${path}: it cannot be read: ${messageOf(error)}`)
  }
  const names = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
  if (names.length === 0) throw new UsageError(`--limit @${path}: ${shownPath(path)} names no host`)
  return names
}
