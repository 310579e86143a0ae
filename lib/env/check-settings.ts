import type { Place } from '../inventory/fault.ts'
import { didYouMean } from '../nearest.ts'
import { exposedIn } from '../secret/plain-text.ts'
import { type Dotenv, type Entry, shownName } from './dotenv.ts'
import { type Finding, finding } from './finding.ts'
import type { Held } from './held.ts'
import { interpolate } from './interpolate.ts'
import { exampleFor, fits, wanted } from './schema-check.ts'
import { isRequired, type Stage, secretOf } from './stage.ts'
import { weakness } from './weakness.ts'

/** An env file that was read, and the secrets that its stage has beside it. */
export interface Read extends Dotenv {
  readonly file: string
  readonly text: string
  readonly secrets: ReadonlyMap<string, Held>
}

/** What is wrong with the settings of an env file. */
export function settingFindings(stage: Stage, read: Read): readonly Finding[] {
  const { entries, faults } = read
  const all = effective(stage, entries)
  return [
    ...faults.map((fault) => finding('malformed', fault, fault.message, fault.hint)),
    ...duplicates(entries),
    ...entries.flatMap((entry) => ofEntry(stage, entry, read.secrets, all)),
    ...missing(stage, read, all),
  ]
}

/**
 * Every setting that has a value, by its name: the file's, else the default, which may refer to other settings. What is
 * empty counts as not set.
 */
export function effective(stage: Stage, entries: readonly Entry[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [name, property] of Object.entries(stage.settings.properties))
    if (property.default !== undefined) values.set(name, String(property.default))
  for (const { name, value } of entries)
    if (value !== undefined && value !== '' && Object.hasOwn(stage.settings.properties, name))
      values.set(name, value)
  for (const [name, { default: text }] of Object.entries(stage.settings.properties))
    if (typeof text === 'string' && values.get(name) === text)
      values.set(name, interpolate(text, (other) => values.get(other)).text)
  return values
}

function duplicates(entries: readonly Entry[]): readonly Finding[] {
  return entries.flatMap((entry, index) => {
    const later = entries.findLast(({ name }) => name === entry.name)
    if (later === undefined || entries.indexOf(later) === index) return []
    const message = `${shownName(entry.name)} stands again in line ${later.place.line}, and that one counts`
    return [finding('duplicate', entry.place, message, 'delete one of them')]
  })
}

function ofEntry(
  stage: Stage,
  entry: Entry,
  secrets: ReadonlyMap<string, Held>,
  all: ReadonlyMap<string, string>,
): readonly Finding[] {
  const { name, value, place, valuePlace } = entry
  const secret = secretOf(stage, name)
  if (secret !== undefined) return [misplaced(stage, secret, name, place)]
  const property = Object.hasOwn(stage.settings.properties, name)
    ? stage.settings.properties[name]
    : undefined
  const exposed = value === undefined ? undefined : secretIn(value, secrets)
  if (exposed !== undefined) {
    const hint =
      'take it out, and change it where others could read this file; secrets are files of their own'
    return [
      ...(property === undefined ? [unknown(stage, name, place)] : []),
      finding('misplaced-secret', valuePlace, `${exposed} stands here in plain text`, hint),
    ]
  }
  if (property === undefined)
    return [...notAllowed(stage, name, value, all, valuePlace), unknown(stage, name, place)].slice(0, 1)
  if (value === undefined)
    return [
      finding(
        'malformed',
        place,
        `\`${name}\` has no =: its value would be that of whichever shell runs Docker Compose`,
        exampleFor(name, property),
      ),
    ]
  if (entry.unset > 0)
    return [
      finding(
        'malformed',
        valuePlace,
        `\`${name}\` refers to a variable that is set nowhere: Docker Compose puts nothing in its place`,
        'for a dollar sign write $$, or put the value in single quotes',
      ),
    ]
  if (value === '') return []
  if (!fits(value, property))
    return [
      finding('malformed', valuePlace, `\`${name}\` must be ${wanted(property)}`, exampleFor(name, property)),
    ]
  return notAllowed(stage, name, value, all, valuePlace)
}

/** What the rules of a stage have against a value. */
function notAllowed(
  stage: Stage,
  name: string,
  value: string | undefined,
  all: ReadonlyMap<string, string>,
  place: Place,
): readonly Finding[] {
  if (value === undefined || value === '') return []
  return stage.settingRules.flatMap(({ setting, kind, wrong }) => {
    const found = setting === name ? wrong(value, all) : undefined
    return found === undefined ? [] : [finding(kind, place, found.message, found.hint)]
  })
}

function misplaced(stage: Stage, secret: string, name: string, place: Place): Finding {
  const message = `\`${name}\` is a secret: settings are read by whoever reads this file`
  const hint = `a secret belongs in ${secretFile(place, stage, secret)}; env.ts init ${stage.name} moves it there`
  return finding('misplaced-secret', place, message, hint)
}

/** "compose/secrets/dev/redis_password", as it lies beside the env file. */
function secretFile({ file }: Place, stage: Stage, secret: string): string {
  return `${file.replace(/[^/]*$/, '')}secrets/${stage.name}/${secret}`
}

function unknown(stage: Stage, name: string, place: Place): Finding {
  const stages = stage.elsewhere.get(name) ?? stage.elsewhere.get(name.toLowerCase())
  if (stages !== undefined)
    return finding(
      'unknown',
      place,
      `${shownName(name)} is of ${stages.join(' and ')}, and ${stage.name} has none`,
      'delete it here',
    )
  const names = [
    ...Object.keys(stage.settings.properties),
    ...Object.keys(stage.secrets.properties).map((each) => each.toUpperCase()),
  ]
  const all = `see ${place.file.split('/').at(-1)}.example for all that there are`
  const message =
    shownName(name) === 'this name'
      ? `this name is no setting of ${stage.name}`
      : `unknown setting ${shownName(name)}`
  return finding('unknown', place, message, didYouMean(name, names) ?? all)
}

/** What gives a secret away in the value of something else, or undefined. */
function secretIn(value: string, secrets: ReadonlyMap<string, Held>): string | undefined {
  const texts = [...secrets].map(([name, secret]) => [name, secret.reveal().text] as const)
  // A weak one ("postgres") stands in much by chance.
  const known = new Map(texts.filter(([, text]) => weakness(text) === undefined))
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@/i.test(value)) return 'a password in an address'
  return exposedIn(value, known)[0]?.what
}

/** Required settings without a value, told where they are commented out or empty, else at the end. */
function missing(stage: Stage, read: Read, all: ReadonlyMap<string, string>): readonly Finding[] {
  return Object.entries(stage.settings.properties).flatMap(([name, property]) => {
    if (!isRequired(stage.settings, name) || all.has(name)) return []
    const place = read.entries.find((entry) => entry.name === name)?.place ?? placeFor(read, name)
    const hint = exampleFor(name, property)
    return [finding('missing', place, `\`${name}\` is required: ${String(property.description)}`, hint)]
  })
}

function placeFor({ file, text }: Read, name: string): Place {
  const lines = text.split('\n')
  const commented = lines.findIndex((line) => new RegExp(`^\\s*#\\s*${name}\\s*[=:]`).test(line))
  return { file, line: commented < 0 ? lines.length : commented + 1, column: 1 }
}
