import fc from 'fast-check'
import { directoryMode, fileMode, oddBytes, oddLine, oddName } from './odd.ts'
import type { Grove, Owner, Plant } from './tree.ts'

/** What stands in the place of a wish, before its path is known. */
export type Thing =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly content: string; readonly mode: number; readonly owner: number }
  | { readonly kind: 'directory'; readonly mode: number; readonly holds: boolean; readonly owner: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'fifo' }

const owner = fc.nat({ max: 7 })
const aFile = fc.record({ kind: fc.constant('file' as const), content: oddBytes, mode: fileMode, owner })
const aDirectory = fc.record({
  kind: fc.constant('directory' as const),
  mode: directoryMode,
  holds: fc.boolean(),
  owner,
})
const aLink = fc.record({
  kind: fc.constant('link' as const),
  target: fc.oneof(
    fc.constantFrom('neighbour', '.', 'nowhere', 'a\nb', 'a\n', '/dev/null/x'),
    oddLine.filter((target) => target !== ''),
  ),
})

/** Whatever a person may have left in a place, most often what is wished there. */
export function thing(usual: 'file' | 'directory' | 'link'): fc.Arbitrary<Thing> {
  const kinds = { file: aFile, directory: aDirectory, link: aLink }
  return fc.oneof(
    { weight: 6, arbitrary: kinds[usual] },
    { weight: 3, arbitrary: fc.constant({ kind: 'absent' as const }) },
    { weight: 1, arbitrary: aFile },
    { weight: 1, arbitrary: aDirectory },
    { weight: 1, arbitrary: aLink },
    { weight: 1, arbitrary: fc.constant({ kind: 'fifo' as const }) },
  )
}

/** Where the wish is, and who else lives there. */
export interface Place {
  readonly parent: string
  readonly name: string
  readonly neighbours: readonly string[]
  /** what a run that died left beside it */
  readonly stale: boolean
}

export const place: fc.Arbitrary<Place> = fc
  .record({
    parent: oddName,
    name: oddName,
    neighbours: fc.uniqueArray(oddName, { maxLength: 2 }),
    near: fc.subarray(['~', '.bak', '.quayside', '\\', ' ']),
    stale: fc.boolean(),
  })
  .map(({ near, ...rest }) => ({
    ...rest,
    neighbours: ['neighbour', ...rest.neighbours, ...near.map((end) => `${rest.name}${end}`)].filter(
      (name, index, all) => name !== rest.name && all.indexOf(name) === index,
    ),
  }))

/** The path of a place below its folder. */
export function at({ parent, name }: Place): string {
  return `${parent}/${name}`
}

/** Makes a place real: the parent, the neighbours, what an earlier run left, and the thing itself. */
export async function settle(
  grove: Grove,
  where: Place,
  there: Thing,
  owners: readonly [Owner, ...Owner[]],
): Promise<void> {
  const { parent, name, neighbours, stale } = where
  const whose = (index: number) => owners[index % owners.length] ?? owners[0]
  const things: Plant[] = [
    { at: parent, kind: 'directory' },
    ...neighbours.map(
      (each): Plant => ({ at: `${parent}/${each}`, kind: 'file', content: each.slice(0, 3) }),
    ),
  ]
  if (stale) things.push({ at: `${parent}/.${name}.quayside`, kind: 'file', content: 'half of i' })
  const path = at(where)
  if (there.kind === 'file' || there.kind === 'directory') {
    things.push({ ...there, at: path, owner: whose(there.owner) })
  } else if (there.kind !== 'absent') things.push({ ...there, at: path })
  if (there.kind === 'directory' && there.holds) {
    things.push({ at: `${path}/inside`, kind: 'file', content: 'theirs' })
  }
  await grove.plant(things)
}
