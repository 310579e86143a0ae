import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { spellings } from './name.ts'

/** A file that is made from a template; both paths from the project's root. */
export interface Piece {
  readonly from: string
  readonly to: string
}

export interface NewFile {
  readonly path: string
  readonly text: string
}

/**
 * Templates are files of the project like any other: they are linted, type-checked and tested where they stand. What
 * is made of one has other names in it ("new-role", in each of its spellings) and imports that fit its own place.
 * `moved` are pieces that are made elsewhere, or were before: they are imported from there.
 */
export async function fill(
  root: string,
  pieces: readonly Piece[],
  names: Readonly<Record<string, string>>,
  moved: readonly Piece[] = pieces,
): Promise<readonly NewFile[]> {
  const places = new Map([...pieces, ...moved].map(({ from, to }) => [join(root, from), join(root, to)]))
  return Promise.all(
    pieces.map(async ({ from, to }) => {
      const template = await readFile(join(root, from), 'utf8')
      const text = to.endsWith('.ts') ? rebased(template, join(root, from), join(root, to), places) : template
      return { path: to, text: renamed(text, names) }
    }),
  )
}

/** The same text with its relative imports as they are from another place. */
export function rebased(text: string, from: string, to: string, places: ReadonlyMap<string, string>): string {
  return text.replaceAll(/((?:from|import\() ?')(\.[^']+)'/g, (_, before: string, path: string) => {
    const meant = resolve(dirname(from), path)
    const now = relative(dirname(to), places.get(meant) ?? meant)
    return `${before}${now.startsWith('.') ? now : `./${now}`}'`
  })
}

function renamed(text: string, names: Readonly<Record<string, string>>): string {
  const words = new Map(
    Object.entries(names).flatMap(([placeholder, name]) => {
      const [old, now] = [spellings(placeholder), spellings(name)]
      return (['kebab', 'camel', 'pascal', 'snake'] as const).map((how) => [old[how], now[how]] as const)
    }),
  )
  // All in one pass: a name may itself look like a placeholder.
  return text.replaceAll(new RegExp([...words.keys()].join('|'), 'g'), (word) => words.get(word) ?? word)
}
