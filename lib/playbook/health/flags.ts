import { UsageError } from '../../error.ts'
import { type Layer, layers } from '../../health/index.ts'
import { didYouMean } from '../../nearest.ts'
import type { Args, Flags } from '../flags.ts'

export const healthFlags = {
  only: { about: `only these layers: ${layers.join(', ')}`, value: 'LAYER,…', counts: true },
  strict: { about: 'exit 3 when nothing failed and there are warnings' },
  metrics: {
    about: "write figures for node_exporter's textfile collector; into $QUAYSIDE_METRICS_DIR unless told",
    value: 'FILE',
  },
} as const satisfies Flags

/** The layers that a command line asks for. Throws a UsageError for one that there is not. */
export function layersOf(args: Args): readonly Layer[] {
  const words = args.texts('only').flatMap((text) => text.split(',').map((word) => word.trim()))
  if (words.length === 0) return layers
  return words.map((word) => {
    const layer = layers.find((each) => each === word)
    if (layer === undefined)
      throw new UsageError(
        `--only: there is no layer "${word}"`,
        didYouMean(word, layers) ?? layers.join(', '),
      )
    return layer
  })
}
