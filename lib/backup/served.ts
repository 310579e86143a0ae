/** What was served, as far as booting it again needs it: the tag, and each app's image by digest. */
export const releaseSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'images'],
  properties: {
    id: { type: 'string' },
    images: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'by app, each by digest',
    },
  },
  description: 'what was served',
} as const

export interface ServedRelease {
  readonly id: string
  readonly images: Readonly<Record<string, string>>
}

/** A moment at which somebody knew which release was served. */
export interface Sighting {
  /** ISO 8601, UTC */
  readonly at: string
  readonly release: ServedRelease
  /** who says so, for a person: "backup 20261125T…" */
  readonly by: string
}

/** What was served at a moment: by the last word of before. One that was deployed later cannot fit the data of then. */
export function servedAt(sightings: readonly Sighting[], moment: Date): Sighting | undefined {
  return sightings
    .filter(({ at }) => new Date(at) <= moment)
    .reduce<Sighting | undefined>(
      (last, each) => (last === undefined || Date.parse(each.at) >= Date.parse(last.at) ? each : last),
      undefined,
    )
}
