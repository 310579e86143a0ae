import { UsageError } from '../../error.ts'
import { didYouMean } from '../../nearest.ts'
import { severities, type Threshold } from '../../scan/index.ts'
import type { Args, Flags } from '../flags.ts'

const thresholds: readonly Threshold[] = ['fix', ...severities]

export const scanFlags = {
  release: {
    about: 'the images of this release, as a deploy would fetch them; what is deployed unless told',
    value: 'TAG',
    short: 'r',
  },
  'fail-on': {
    about: `what counts: fix (any that is pending), or at least ${severities.join(', ')}; scan_fail_on unless told`,
    value: 'LEVEL',
  },
} as const satisfies Flags

/** Throws a UsageError at words that make no sense, before the inventory is read. */
export function demandWords(args: Args): void {
  thresholdOf(args)
  const tag = args.text('release')
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag))
    throw new UsageError(`"${tag}" cannot be the tag of an image`)
  for (const image of args.positionals) demandReference(image)
  if (tag !== undefined && args.positionals.length > 0)
    throw new UsageError('--release and images by name do not go together', 'one run for each')
}

/** Docker's command would take what begins with a dash for a flag. */
export function demandReference(image: string): void {
  if (!/^\w[\w./:@-]*$/.test(image)) throw new UsageError(`"${image}" cannot be the name of an image`)
}

/** What the command line says; undefined where it says nothing. */
export function thresholdOf(args: Args): Threshold | undefined {
  const word = args.text('fail-on')
  if (word === undefined) return undefined
  const found = thresholds.find((each) => each === word)
  if (found === undefined)
    throw new UsageError(
      `--fail-on: there is no level "${word}"`,
      didYouMean(word, thresholds) ?? thresholds.join(', '),
    )
  return found
}
