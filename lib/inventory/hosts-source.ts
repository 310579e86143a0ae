import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isMap, type YAMLMap } from 'yaml'
import { type Faults, type Place, shownPath } from './fault.ts'
import { type Grouping, type Groups, stampOf, type Tiers } from './hosts-stamp.ts'
import { didYouMean } from './nearest.ts'
import { placeOfPair, type Variable, variablesOf } from './variable.ts'
import { isRecord } from './words.ts'
import { readYaml } from './yaml.ts'

/** Where an environment's hosts come from, where nobody writes them: its terraform.yaml. hosts.yaml is what was last said. */
export interface HostsSource extends Grouping {
  readonly place: Place
  /** absolute path of the Terraform configuration whose outputs they are */
  readonly folder: string
  /** for how long an answer counts, in milliseconds; undefined for ever */
  readonly maxAge: number | undefined
}

const keys = ['folder', 'max_age', 'groups', 'tiers']
const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const usual = 7 * 86_400_000

/** Reads it; undefined where there is none, or where it is wrong, which the faults then say. */
export async function hostsSource(dir: string, faults: Faults): Promise<HostsSource | undefined> {
  const path = join(dir, 'terraform.yaml')
  if (!existsSync(path)) return undefined
  const file = await readYaml(path, faults)
  if (file === undefined) return undefined
  const root = file.document.contents
  const values = isMap(root) ? variablesOf(file, root as YAMLMap, faults) : new Map<string, Variable>()
  const wrong = (key: string, message: string, hint?: string) => {
    const given = values.get(key)
    faults.add(given === undefined ? file.start : placeOfPair(file, given.pair), message, hint)
  }
  for (const key of values.keys())
    if (!keys.includes(key))
      wrong(key, `unknown key \`${key}\``, didYouMean(key, keys) ?? `there are ${keys.join(', ')}`)
  const [folder, age, groups, tiers] = keys.map((key) => values.get(key)?.value)
  if (typeof folder !== 'string')
    wrong(
      'folder',
      '`folder` must say which Terraform configuration the hosts are an output of',
      'from this file: folder: ../../terraform/environments/staging',
    )
  const maxAge = values.has('max_age') ? milliseconds(age) : usual
  if (maxAge === 'wrong') wrong('max_age', '`max_age` is a time such as 90m, 12h or 7d, or `never`')
  if (values.has('groups') && !isGroups(groups))
    wrong(
      'groups',
      '`groups` names further groups, each with a list of tiers',
      'for example groups: { logs: [db] }',
    )
  if (values.has('tiers') && !isTiers(tiers))
    wrong(
      'tiers',
      '`tiers` names the groups of tiers that are called otherwise',
      'for example tiers: { edge: public }',
    )
  if (typeof folder !== 'string' || maxAge === 'wrong') return undefined
  return {
    place: file.start,
    folder: resolve(dir, folder),
    maxAge,
    groups: isGroups(groups) ? groups : {},
    tiers: isTiers(tiers) ? tiers : {},
  }
}

/**
 * Checks the answer that was kept: that there is one, that nobody changed it, and that it is not too old. Each is a fault:
 * a run on hosts that are no longer there, or are somebody else's by now, is worse than none.
 */
export async function checkKept(
  source: HostsSource,
  { env, path }: { env: string; path: string | undefined },
  faults: Faults,
): Promise<void> {
  const ask = `npx zx playbooks/infra.ts inventory --env ${env} asks Terraform`
  if (path === undefined) {
    const why =
      'the hosts are not known here: nothing was applied yet, it was destroyed, or Terraform was not asked'
    faults.add(source.place, why, `${ask}, infra.ts apply makes them`, 'stale-hosts')
    return
  }
  const place = { file: shownPath(path), line: 1, column: 1 }
  const stamp = stampOf(await readFile(path, 'utf8'), source)
  if (stamp === undefined)
    return faults.add(
      place,
      `${source.place.file} says that Terraform has the hosts, and this is of a person, or older than that`,
      `remove one of the two; ${ask} and replaces what is its own, with --force all`,
    )
  if (!stamp.holds)
    return faults.add(
      place,
      'this, or what terraform.yaml says of groups, was changed since Terraform was asked',
      ask,
    )
  const age = Date.now() - stamp.at.getTime()
  if (source.maxAge !== undefined && age > source.maxAge)
    faults.add(
      place,
      `these hosts are ${words(age)} old, and count for ${words(source.maxAge)}: they may be gone, or somebody else's`,
      `${ask}; max_age in terraform.yaml says how long its answer counts`,
      'stale-hosts',
    )
}

function milliseconds(value: unknown): number | undefined | 'wrong' {
  if (value === 'never') return undefined
  const [, count = '', unit = ''] = /^([1-9]\d{0,3})([mhd])$/.exec(String(value)) ?? []
  return count === '' ? 'wrong' : Number(count) * (units[unit] ?? 0)
}

const groupName = /^(?!all$)[a-z]\w*$/i

function isGroups(value: unknown): value is Groups {
  return (
    isRecord(value) &&
    Object.entries(value).every(
      ([name, tiers]) =>
        groupName.test(name) && Array.isArray(tiers) && tiers.every((each) => typeof each === 'string'),
    )
  )
}

function isTiers(value: unknown): value is Tiers {
  return (
    isRecord(value) &&
    Object.values(value).every((group) => typeof group === 'string' && groupName.test(group))
  )
}

/** "9 days", "3 hours", "40 minutes" */
function words(ms: number): string {
  const [count, unit] =
    ms >= 2 * 86_400_000
      ? [Math.floor(ms / 86_400_000), 'days']
      : ms >= 2 * 3_600_000
        ? [Math.floor(ms / 3_600_000), 'hours']
        : [Math.floor(ms / 60_000), 'minutes']
  return `${count} ${unit}`
}
