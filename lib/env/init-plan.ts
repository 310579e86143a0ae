import { join } from 'node:path'
import { shownPath } from '../inventory/fault.ts'
import type { Dotenv, Entry } from './dotenv.ts'
import { unmentioned, without, withSettings } from './edit.ts'
import { exampleOf } from './example.ts'
import { type Finding, finding } from './finding.ts'
import { type Held, held } from './held.ts'
import { envPath, type Observed, type SecretFile, secretsPath } from './look.ts'
import { isRequired, type Made, type Stage, secretOf, type Where } from './stage.ts'

/** One change of an init, told by `said` and done by `carryOut`. */
export type Step =
  | { readonly kind: 'folder'; readonly path: string; readonly there: boolean }
  | { readonly kind: 'generate'; readonly path: string; readonly made: Extract<Made, { generate: unknown }> }
  | { readonly kind: 'empty'; readonly path: string }
  | { readonly kind: 'move'; readonly path: string; readonly name: string; readonly secret: Held }
  | { readonly kind: 'open'; readonly path: string }
  | {
      readonly kind: 'env'
      readonly path: string
      readonly before: string | undefined
      readonly text: string
      readonly added: readonly string[]
      readonly taken: readonly string[]
    }

export interface InitPlan {
  /** in this order: a secret is in its file before its line is taken out of the env file */
  readonly steps: readonly Step[]
  /** what has to be put right by a person before anything, or this part, is done */
  readonly conflicts: readonly Finding[]
}

/** A secret that stands in an env file, by all lines that have it. */
interface Misplaced {
  readonly secret: string
  readonly entries: readonly Entry[]
}

/** What an init has to do where this was found. `read`: the env file's text, read. Plans nothing for a malformed file. */
export function planInit(stage: Stage, where: Where, observed: Observed, read: Dotenv): InitPlan {
  // What a malformed line means is not known: it may be a secret, and another one must not be made in its place.
  if (read.faults.length > 0)
    return {
      steps: [],
      conflicts: read.faults.map((each) => finding('malformed', each, each.message, each.hint)),
    }
  const folder = secretsPath(stage, where)
  const files = observed.folder?.files ?? new Map<string, SecretFile>()
  const misplaced = misplacedIn(stage, read.entries)
  const conflicts = misplaced.flatMap((each) => conflictOf(each, files, join(folder, each.secret)))
  const unclear = new Set(conflicts.map(({ secret }) => secret))
  const movable = misplaced.filter(({ secret }) => !unclear.has(secret))
  const steps = [
    ...folderStep(folder, observed),
    ...Object.entries(stage.secrets.properties).flatMap(([name, { made }]): readonly Step[] => {
      const path = join(folder, name)
      const file = files.get(name)
      const open: readonly Step[] = file !== undefined && file.mode !== 0o444 ? [{ kind: 'open', path }] : []
      if (unclear.has(name) || (file !== undefined && file.content.reveal().text !== '')) return open
      const value = movable.find(({ secret }) => secret === name)?.entries.at(-1)?.value ?? ''
      if (value !== '') return [{ kind: 'move', path, name, secret: held(value) }]
      if ('generate' in made) return [{ kind: 'generate', path, made }]
      if (file !== undefined) return open
      return 'later' in made || isRequired(stage.secrets, name) ? [] : [{ kind: 'empty', path }]
    }),
    ...envStep(
      stage,
      where,
      observed,
      movable.flatMap(({ entries }) => entries),
    ),
  ]
  return { steps, conflicts: conflicts.map(({ found }) => found) }
}

function folderStep(path: string, { folder }: Observed): readonly Step[] {
  if (folder !== undefined && (folder.mode & 0o077) === 0) return []
  return [{ kind: 'folder', path, there: folder !== undefined }]
}

function misplacedIn(stage: Stage, entries: readonly Entry[]): readonly Misplaced[] {
  const found = new Map<string, Entry[]>()
  for (const entry of entries) {
    const secret = secretOf(stage, entry.name)
    if (secret !== undefined) found.set(secret, [...(found.get(secret) ?? []), entry])
  }
  return [...found].map(([secret, of]) => ({ secret, entries: of }))
}

/** Why the lines of a secret cannot be taken out without losing something. */
function conflictOf(
  { secret, entries }: Misplaced,
  files: ReadonlyMap<string, SecretFile>,
  path: string,
): readonly { secret: string; found: Finding }[] {
  const tell = (entry: Entry, message: string, hint: string) => [
    { secret, found: finding('misplaced-secret', entry.place, message, hint) },
  ]
  const [first] = entries
  if (first === undefined) return []
  const texts = new Set(entries.flatMap(({ value }) => (value === undefined || value === '' ? [] : [value])))
  const unclear = entries.find(({ unset }) => unset > 0)
  if (unclear !== undefined)
    return tell(
      unclear,
      `\`${first.name}\` refers to a variable that is set nowhere: what its value is meant to be is unclear`,
      'for a dollar sign write $$, or put the value in single quotes',
    )
  if (texts.size > 1)
    return tell(
      first,
      `\`${first.name}\` has two values here, and only one can be meant`,
      'delete the others',
    )
  const there = files.get(secret)?.content.reveal().text ?? ''
  if (texts.size === 1 && there !== '' && !texts.has(there))
    return tell(
      first,
      `\`${first.name}\` has another value here than ${shownPath(path)}`,
      'delete the line, or empty that file to have the line moved there',
    )
  return []
}

function envStep(stage: Stage, where: Where, { env }: Observed, entries: readonly Entry[]): readonly Step[] {
  const path = envPath(stage, where)
  if (env === undefined) {
    const text = exampleOf(stage)
    return [{ kind: 'env', path, before: undefined, text, added: [], taken: [] }]
  }
  const kept = without(env.text, entries)
  const added = unmentioned(kept, stage)
  const text = withSettings(kept, stage, added)
  if (text === env.text) return []
  const taken = [...new Set(entries.map(({ name }) => name))]
  return [{ kind: 'env', path, before: env.text, text, added, taken }]
}
