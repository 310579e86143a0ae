import { createHash } from 'node:crypto'

/** What a hosts.yaml that Terraform's answer was kept in says of itself, in its third line. */
export interface Stamp {
  readonly at: Date
  /** whether it is as it was written, for a terraform.yaml that groups hosts as it did then */
  readonly holds: boolean
}

export type Groups = Readonly<Record<string, readonly string[]>>
export type Tiers = Readonly<Record<string, string>>

/** What terraform.yaml says of how tiers become groups. */
export interface Grouping {
  /** further groups, each of the tiers that are in it: { logs: ['db'] } */
  readonly groups: Groups
  /** what the group of a tier is called, where it is not called as the tier: { edge: 'public' } */
  readonly tiers: Tiers
}

const line = /^# As Terraform said it at (\S+Z), sum ([0-9a-f]{12})\. .*\n/m

/** The text with a stamp in it, after its comments: a later reader knows its age, and whether somebody changed it. */
export function stamped(text: string, grouping: Grouping, at: Date): string {
  const bare = withoutStamp(text)
  const start = /^[^#]/m.exec(bare)?.index ?? bare.length
  const said = `# As Terraform said it at ${at.toISOString()}, sum ${sumOf(bare, grouping)}. terraform.yaml says how long that counts.\n`
  return `${bare.slice(0, start)}${said}${bare.slice(start)}`
}

/** Its stamp; undefined where it has none. */
export function stampOf(text: string, grouping: Grouping): Stamp | undefined {
  const [, at = '', sum] = line.exec(text) ?? []
  const time = new Date(at)
  if (sum === undefined || Number.isNaN(time.getTime())) return undefined
  return { at: time, holds: sumOf(withoutStamp(text), grouping) === sum }
}

export function withoutStamp(text: string): string {
  return text.replace(line, '')
}

function sumOf(text: string, { groups, tiers }: Grouping): string {
  return createHash('sha256')
    .update(JSON.stringify([groups, tiers, text]))
    .digest('hex')
    .slice(0, 12)
}
