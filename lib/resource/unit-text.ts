import { isSecret } from '../secret/index.ts'
import { matching, oneLine } from './argument.ts'

/** What a setting may be: a list gives a line each ("" clears what stands before it), true and false are yes and no. */
export type UnitValue = string | number | boolean | readonly (string | number)[]

/** The settings of a section, in systemd's own words. An undefined one is left out; variables are escaped. */
export type UnitSection = Readonly<Record<string, UnitValue | Readonly<Record<string, string>> | undefined>>

/** A unit by its sections, in the order that they are to stand in. */
export interface UnitSections {
  readonly Unit?: UnitSection
  readonly Service?: UnitSection
  readonly Socket?: UnitSection
  readonly Timer?: UnitSection
  readonly Path?: UnitSection
  readonly Mount?: UnitSection
  readonly Automount?: UnitSection
  readonly Swap?: UnitSection
  readonly Slice?: UnitSection
  readonly Install?: UnitSection
}

/** A unit's sections, or its text. Never a Secret: who may ask systemd may read every unit, environment and all. */
export type UnitContent = UnitSections | string

/** The text of a unit file or drop-in. Throws a TypeError for what systemd could not read back as it was given. */
export function unitText(content: UnitContent): string {
  refuseSecret(content)
  if (typeof content !== 'string') return Object.entries(content).map(sectionText).join('\n')
  if (content.includes('\0')) throw new TypeError('a NUL byte stands in a unit')
  if (!/^\[[A-Z][\w-]*\]/m.test(content))
    throw new TypeError('a unit needs a section: "[Service]" or the like')
  return content.endsWith('\n') ? content : `${content}\n`
}

/**
 * A command for ExecStart= and its like, each word as the program is to get it: quoted, and neither a specifier (%) nor
 * a variable ($) for systemd.
 */
export function execLine(program: string, ...words: readonly (string | number)[]): string {
  matching(program, /^\/[\w@+=:,./-]+$/, 'program of a unit')
  return [program, ...words.map(execWord)].join(' ')
}

function execWord(word: string | number): string {
  refuseSecret(word)
  const text = String(word)
  return /^[\w@+=:,./-]+$/.test(text) ? text : `"${escaped(text).replaceAll('$', '$$$$')}"`
}

function sectionText([name, section]: [string, UnitSection | undefined]): string {
  if (section === undefined) return ''
  const lines = Object.entries(section).flatMap(([key, value]) => {
    matching(key, /^[A-Za-z][\w-]*$/, `setting of [${name}]`)
    return value === undefined ? [] : values(key, value).map((each) => `${key}=${each}\n`)
  })
  return `[${matching(name, /^[A-Z][\w-]*$/, 'section')}]\n${lines.join('')}`
}

function values(key: string, value: NonNullable<UnitSection[string]>): readonly string[] {
  if (typeof value === 'boolean') return [value ? 'yes' : 'no']
  if (typeof value === 'string' || typeof value === 'number') return [line(key, value)]
  if (isList(value)) return value.length === 0 ? [''] : value.map((each) => line(key, each))
  if (key !== 'Environment') throw new TypeError(`${key} of a unit is no mapping`)
  return Object.entries(value).map(([name, text]) => {
    matching(name, /^[A-Za-z_]\w*$/, 'name of a variable')
    return `"${name}=${escaped(matching(text, /^[^\0]*$/, `value of ${name}`))}"`
  })
}

/** A backslash at its end would take in the next line. */
function line(key: string, value: string | number): string {
  const text = oneLine(String(value), key)
  if (/\\\s*$/.test(text))
    throw new TypeError(`${key} of a unit ends with a backslash: ${JSON.stringify(text)}`)
  return text
}

/** Within double quotes of a unit: C's escapes, and "%%" for what would be a specifier. */
function escaped(text: string): string {
  if (text.includes('\0')) throw new TypeError('a NUL byte stands in a unit')
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('%', '%%')
}

function isList(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value)
}

/** A type refuses a Secret; this one is for what got past it. */
function refuseSecret(value: unknown): void {
  if (isSecret(value)) {
    throw new TypeError(
      'a secret cannot stand in a unit, which every user of the host may read: put it into a file() with mode 0o600, and name that in EnvironmentFile= or LoadCredential=',
    )
  }
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(refuseSecret)
}
