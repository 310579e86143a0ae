import { join } from 'node:path'
import { shownPath } from '../inventory/fault.ts'
import { didYouMean } from '../nearest.ts'
import { type Finding, finding, type Kind } from './finding.ts'
import type { Held } from './held.ts'
import type { SecretFile, SecretFolder } from './look.ts'
import { fits, wanted } from './schema-check.ts'
import { isRequired, type SecretProperty, type Stage } from './stage.ts'
import { weakness } from './weakness.ts'

/** A folder of secrets: where, and what it holds, if it is there. */
export interface Folder {
  readonly path: string
  readonly found: SecretFolder | undefined
}

/** The secrets that are set, by name. An empty file is one that is not. */
export function secretsIn(stage: Stage, found: SecretFolder | undefined): ReadonlyMap<string, Held> {
  const set = [...(found?.files ?? [])].filter(
    ([name, { content }]) => Object.hasOwn(stage.secrets.properties, name) && content.reveal().text !== '',
  )
  return new Map(set.map(([name, { content }]) => [name, content]))
}

/** What is wrong with the secrets of a stage: missing, unknown, malformed, weak, readable by others. */
export function secretFindings(
  stage: Stage,
  folder: Folder,
  settings: ReadonlyMap<string, string>,
): readonly Finding[] {
  const { path, found } = folder
  const set = secretsIn(stage, found)
  const known = Object.entries(stage.secrets.properties)
  const files = found?.files ?? new Map<string, SecretFile>()
  return [
    ...(found === undefined ? [] : closed(path, found.mode)),
    ...known.flatMap(([name, property]) =>
      ofSecret({ stage, name, property, path: join(path, name), file: files.get(name) }),
    ),
    ...[...set].flatMap(([name, secret]) => [
      ...twice(path, name, secret, set),
      ...stage.secretRules.flatMap(({ secret: about, kind, wrong }) => {
        const told = about === name ? wrong(secret, set, settings) : undefined
        return told === undefined ? [] : [at(kind, join(path, name), told.message, told.hint)]
      }),
    ]),
    ...[...files.keys()]
      .filter((name) => !Object.hasOwn(stage.secrets.properties, name))
      .map((name) => stranger(stage, join(path, name), name)),
  ]
}

function closed(path: string, mode: number): readonly Finding[] {
  if ((mode & 0o077) === 0) return []
  const message = 'other accounts of this machine can look into the folder of secrets'
  return [at('permissions', path, message, `chmod 700 ${shownPath(path)}`)]
}

function ofSecret(of: {
  stage: Stage
  name: string
  property: SecretProperty
  path: string
  file: SecretFile | undefined
}): readonly Finding[] {
  const { stage, name, property, path, file } = of
  const needed = isRequired(stage.secrets, name)
  const shown = shownPath(path)
  if (file === undefined || file.content.reveal().text === '') {
    if (file === undefined && 'later' in property.made) return []
    if (file !== undefined && !needed) return permissions(path, file.mode)
    const what = file === undefined ? 'this secret does not exist' : 'this secret is empty'
    const hint =
      'given' in property.made && needed
        ? `put it there: ${property.title}, from ${property.made.given}`
        : `env.ts init ${stage.name} makes ${needed ? 'it' : 'an empty one, which means: not set'}`
    return [at('missing', path, `${what}: ${property.description}`, hint)]
  }
  const { text } = file.content.reveal()
  const weak = 'generate' in property.made ? weakness(text) : undefined
  return [
    ...permissions(path, file.mode),
    ...(fits(text, property)
      ? []
      : [at('malformed', path, `this secret must be ${wanted(property)}`, cure(stage, shown, property))]),
    ...(weak === undefined
      ? []
      : [at('insecure', path, `this secret ${weak}`, cure(stage, shown, property))]),
  ]
}

/** A container's own user reads the file; nobody writes it. */
function permissions(path: string, mode: number): readonly Finding[] {
  const message =
    (mode & 0o022) !== 0
      ? 'others than its owner can change this secret'
      : (mode & 0o004) === 0
        ? "a container's own user cannot read this secret; its folder keeps others of this machine out"
        : undefined
  return message === undefined ? [] : [at('permissions', path, message, `chmod 444 ${shownPath(path)}`)]
}

function cure(stage: Stage, shown: string, { made }: SecretProperty): string {
  if ('later' in made) return `rm -f ${shown}: it is made by ${made.later}`
  return 'given' in made
    ? `write it anew, from ${made.given}`
    : `rm -f ${shown}, and env.ts init ${stage.name} makes a strong one; what was set up with the old one must learn it`
}

/** The same text under two names: who has one has both. */
function twice(path: string, name: string, secret: Held, all: ReadonlyMap<string, Held>): readonly Finding[] {
  const { text } = secret.reveal()
  const same = [...all].find(([other, held]) => other < name && held.reveal().text === text)
  if (same === undefined) return []
  const hint = 'give each a text of its own'
  return [at('insecure', join(path, name), `this secret is the same as \`${same[0]}\``, hint)]
}

function stranger(stage: Stage, path: string, name: string): Finding {
  if (name.endsWith('~')) {
    const message = 'a run that was killed has left this draft of a secret'
    return at('unknown', path, message, `rm -f ${shownPath(path)}`)
  }
  const stages = stage.elsewhere.get(name)
  const hint = didYouMean(name, Object.keys(stage.secrets.properties)) ?? 'delete it, or move it elsewhere'
  return stages === undefined
    ? at('unknown', path, `${stage.name} has no secret of this name`, hint)
    : at('unknown', path, `this secret is of ${stages.join(' and ')}`, 'delete it here')
}

function at(kind: Kind, path: string, message: string, hint: string): Finding {
  return finding(kind, { file: shownPath(path), line: 1, column: 1 }, message, hint)
}
