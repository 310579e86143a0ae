import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from '@cdktf/hcl2json'

/** A block's arguments, and its blocks as lists; an expression is text in `${}`. */
export type Body = Readonly<Record<string, unknown>>

/** A resource or a data source, and where it is from. */
export interface Declared {
  readonly kind: 'resource' | 'data'
  readonly type: string
  readonly name: string
  readonly body: Body
  readonly file: string
}

export interface Module {
  readonly declared: readonly Declared[]
  readonly variables: Readonly<Record<string, Body>>
  readonly outputs: Readonly<Record<string, Body>>
  readonly locals: Body
  readonly calls: Readonly<Record<string, Body>>
  /** of each file, as hcl2json has it */
  readonly files: Readonly<Record<string, Body>>
}

/** Reads the .tf files of a folder. Throws where one is no HCL. */
export async function moduleIn(folder: string): Promise<Module> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.tf'))
  const parsed = await Promise.all(
    names.map(async (name) => [name, await parsedText(readFileSync(join(folder, name), 'utf8'))] as const),
  )
  const first = (kind: string): Record<string, Body> =>
    Object.fromEntries(
      parsed.flatMap(([, file]) =>
        Object.entries(bodyOf(file[kind])).map(([name, blocks]) => [name, blocksOf(blocks)[0] ?? {}]),
      ),
    )
  return {
    declared: parsed.flatMap(([file, content]) =>
      (['resource', 'data'] as const).flatMap((kind) =>
        Object.entries(bodyOf(content[kind])).flatMap(([type, byName]) =>
          Object.entries(bodyOf(byName)).flatMap(([name, blocks]) =>
            blocksOf(blocks).map((body) => ({ kind, type, name, body, file })),
          ),
        ),
      ),
    ),
    variables: first('variable'),
    outputs: first('output'),
    calls: first('module'),
    locals: Object.assign({}, ...parsed.flatMap(([, file]) => blocksOf(file.locals))),
    files: Object.fromEntries(parsed),
  }
}

const known = new Map<string, Promise<Body>>()

/** By its text: tests read the same files over and over, and the parser is slow. */
function parsedText(text: string): Promise<Body> {
  const found = known.get(text) ?? (parse('a file', text) as Promise<Body>)
  known.set(text, found)
  return found
}

export function bodyOf(value: unknown): Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {}
}

/** The blocks of a name: none, one or many. */
export function blocksOf(value: unknown): readonly Body[] {
  return Array.isArray(value) ? value.map(bodyOf) : []
}

/** Every text in a body, however deep. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}
