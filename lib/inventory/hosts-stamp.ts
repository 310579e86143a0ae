import { createHash } from 'node:crypto'

/** What a hosts.yaml that Terraform's answer was kept in says of itself, in its third line. */
export interface Stamp {
  readonly at: Date
  /** whether it is as it was written, for groups that are as they were then */
  readonly holds: boolean
}

export type Groups = Readonly<Record<string, readonly string[]>>

const line = /^# As Terraform said it at (\S+Z), sum ([0-9a-f]{12})\. .*\n/m

/** The text with a stamp in it, after its comments: a later reader knows its age, and whether somebody changed it. */
export function stamped(text: string, groups: Groups, at: Date): string {
  const bare = withoutStamp(text)
  const start = /^[^#]/m.exec(bare)?.index ?? bare.length
  const said = `# As Terraform said it at ${at.toISOString()}, sum ${sumOf(bare, groups)}. terraform.yaml says how long that counts.\n`
  return `${bare.slice(0, start)}${said}${bare.slice(start)}`
}

/** Its stamp; undefined where it has none. */
export function stampOf(text: string, groups: Groups): Stamp | undefined {
  const [, at = '', sum] = line.exec(text) ?? []
  const time = new Date(at)
  if (sum === undefined || Number.isNaN(time.getTime())) return undefined
  return { at: time, holds: sumOf(withoutStamp(text), groups) === sum }
}

export function withoutStamp(text: string): string {
  return text.replace(line, '')
}

function sumOf(text: string, groups: Groups): string {
  return createHash('sha256')
    .update(JSON.stringify([groups, text]))
    .digest('hex')
    .slice(0, 12)
}
