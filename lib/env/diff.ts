import { shownPath } from '../inventory/fault.ts'
import { exposedIn } from '../secret/plain-text.ts'
import { secretsIn } from './check-secrets.ts'
import { type Entry, readDotenv, shownName } from './dotenv.ts'
import type { Held } from './held.ts'
import { envPath, look } from './look.ts'
import { type Stage, secretOf, type Where } from './stage.ts'

/** A setting or secret that is not the same on both sides, in words. */
export interface Difference {
  readonly name: string
  readonly left: string
  readonly right: string
}

export interface Differences {
  readonly settings: readonly Difference[]
  /** all secrets of both: whether each is set, and whether it is the same; never what it is */
  readonly secrets: readonly Difference[]
  /** how many settings are alike */
  readonly same: number
}

/** What a stage has: settings as words that may be shown, and its secrets. */
interface Side {
  readonly stage: Stage
  readonly settings: ReadonlyMap<string, string>
  readonly secrets: ReadonlyMap<string, Held>
}

const notSet = 'not set'
const noSuch = '(none)'

/** What a stage's files say beside the defaults. */
export async function diffFromDefaults(
  stage: Stage,
  where: Where,
  env?: NodeJS.ProcessEnv,
): Promise<Differences> {
  const side = await sideOf(stage, where, env)
  const settings = compared(defaultsOf(stage), side.settings)
  const secrets = Object.keys(stage.secrets.properties).map((name) => ({
    name,
    left: '',
    right: side.secrets.has(name) ? 'set' : notSet,
  }))
  return { ...settings, secrets }
}

/** How two stages differ. A secret is the same, or differs. */
export async function diffStages(
  [one, other]: readonly [Stage, Stage],
  where: Where,
  env?: NodeJS.ProcessEnv,
): Promise<Differences> {
  const left = await sideOf(one, where, env)
  const right = await sideOf(other, where, env)
  const names = new Set([one, other].flatMap(({ secrets }) => Object.keys(secrets.properties)))
  const secrets = [...names].map((name) => {
    const [a, b] = [left.secrets.get(name), right.secrets.get(name)]
    const both = a !== undefined && b !== undefined
    const alike = both && a.reveal().text === b.reveal().text ? 'set, the same' : 'set, differs'
    return { name, left: stateOf(left, name), right: both ? alike : stateOf(right, name) }
  })
  return { ...compared(left.settings, right.settings), secrets }
}

function stateOf({ stage, secrets }: Side, name: string): string {
  if (secrets.has(name)) return 'set'
  return Object.hasOwn(stage.secrets.properties, name) ? notSet : noSuch
}

/** Settings by name; what one side has no word for, its stage does not have at all. */
function compared(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): { settings: readonly Difference[]; same: number } {
  const names = [...new Set([...left.keys(), ...right.keys()])]
  const settings = names.flatMap((name) => {
    const [a, b] = [left.get(name) ?? noSuch, right.get(name) ?? noSuch]
    return a === b ? [] : [{ name, left: a, right: b }]
  })
  return { settings, same: names.length - settings.length }
}

async function sideOf(stage: Stage, where: Where, env: NodeJS.ProcessEnv = process.env): Promise<Side> {
  const { env: file, folder } = await look(stage, where)
  const { entries } = readDotenv(shownPath(envPath(stage, where)), file?.text ?? '', (name) => env[name])
  const settings = new Map(defaultsOf(stage))
  for (const entry of entries)
    if (secretOf(stage, entry.name) === undefined && entry.value !== '')
      settings.set(shownKey(entry), shownValue(stage, entry))
  return { stage, settings, secrets: secretsIn(stage, folder) }
}

function defaultsOf({ settings }: Stage): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(settings.properties).map(([name, property]) => [name, String(property.default ?? notSet)]),
  )
}

/** A line of a key that lost its quotes is read as a name, too. */
function shownKey({ name, place }: Entry): string {
  return shownName(name) === `\`${name}\`` ? name : `line ${place.line}`
}

/** A value as it may be shown: a name that is none may be a misspelt secret's. */
function shownValue(stage: Stage, { name, value }: Entry): string {
  if (value === undefined) return "the shell's"
  if (!Object.hasOwn(stage.settings.properties, name)) return 'hidden: no setting of this name'
  const mayBeSecret = exposedIn(value).length > 0 || /:\/\/[^/?#]*@/.test(value)
  return mayBeSecret ? 'hidden: it may hold a secret' : value
}
