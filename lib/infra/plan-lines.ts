import type { Attribute } from './attributes.ts'
import type { Change, Changes, Doing } from './changes.ts'

const signs: Readonly<Record<Doing, string>> = {
  make: '+',
  change: '~',
  replace: '±',
  destroy: '-',
  forget: '.',
  import: '<',
  move: '>',
}

const done: Readonly<Record<Doing, string>> = {
  make: 'is made',
  change: 'changes',
  replace: 'is replaced: destroyed, and made anew',
  destroy: 'is destroyed',
  forget: 'is forgotten, and stays where it is',
  import: 'is taken over as it is',
  move: 'has another address',
}

/** How many attributes of one thing are shown where not all are asked for. */
const few = 12

/** A line of a plan, and what it is about: for colours. */
export interface PlanLine {
  readonly doing: Doing
  readonly text: string
}

/** A plan for a person: a line for each thing, and below it what changes in it. */
export function planLines({ outputs, things }: Changes, all: boolean): readonly PlanLine[] {
  const lines = things.flatMap((change) => thingLines(change, all))
  for (const { attributes, name } of outputs)
    lines.push({ doing: 'change', text: `~ output ${name}` }, ...attributeLines(attributes, all, 'change'))
  return lines
}

/** The same for what was found other than the state has it. */
export function driftLines(drift: readonly Change[], all: boolean): readonly PlanLine[] {
  return drift.flatMap((change) => {
    const what = change.doing === 'destroy' ? 'is gone' : 'is not as it was made'
    const head = { doing: change.doing, text: `${signs[change.doing]} ${change.address} ${what}` }
    return [head, ...attributeLines(change.attributes, all, change.doing)]
  })
}

function thingLines({ address, attributes, doing, from, losesData, why }: Change, all: boolean): PlanLine[] {
  const more = [
    why,
    from === undefined ? undefined : `it was ${from}`,
    losesData ? 'IT HOLDS DATA' : undefined,
  ].filter((each) => each !== undefined)
  const tail = more.length === 0 ? '' : ` (${more.join('; ')})`
  return [
    { doing, text: `${signs[doing]} ${address} ${done[doing]}${tail}` },
    ...attributeLines(attributes, all, doing),
  ]
}

function attributeLines(attributes: readonly Attribute[], all: boolean, doing: Doing): PlanLine[] {
  // What forces a replacement is what a person looks for.
  const sorted = attributes.toSorted((a, b) => Number(b.forces) - Number(a.forces))
  const shown = all || sorted.length <= few + 1 ? sorted : sorted.slice(0, few)
  const left = sorted.length - shown.length
  return [
    ...shown.map((each) => ({ doing, text: `    ${attributeLine(each)}` })),
    ...(left === 0 ? [] : [{ doing, text: `    … and ${left} more: -v shows them` }]),
  ]
}

function attributeLine({ after, before, forces, path }: Attribute): string {
  const tail = forces ? '   <- cannot change in place' : ''
  const name = path === '' ? '' : `${path}: `
  if (before === undefined) return `${name}${after ?? 'null'}${tail}`
  return `${name}${before} -> ${after ?? 'null'}${tail}`
}

const nouns = [
  ['make', 'made'],
  ['change', 'changed'],
  ['replace', 'replaced'],
  ['destroy', 'destroyed'],
  ['forget', 'forgotten'],
  ['import', 'taken over'],
  ['move', 'moved'],
] as const

/** "2 are made, 1 is destroyed"; empty where nothing but outputs changes. */
export function summary(things: readonly Change[]): string {
  return nouns
    .map(([doing, word]) => [things.filter((each) => each.doing === doing).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${count === 1 ? 'is' : 'are'} ${word}`)
    .join(', ')
}
