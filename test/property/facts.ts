/**
 * What an independent look at a host found, flat: "conf: mode" is "640", "conf: content" its bytes as latin1. Two
 * looks are compared key by key, so that whatever changed can be named, and be somebody's.
 */
export type Facts = ReadonlyMap<string, string>

/** The keys whose value is not the same in both looks. */
export function changed(before: Facts, after: Facts): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key))
}

/** A look without the facts that `leaveOut` names: those that a reader is allowed to change. */
export function without(facts: Facts, leaveOut: (key: string) => boolean): Facts {
  return new Map([...facts].filter(([key]) => !leaveOut(key)))
}

/** The first differences between two looks, in words; empty when there are none. */
export function difference(before: Facts, after: Facts): string {
  const shown = (facts: Facts, key: string) => JSON.stringify(facts.get(key))?.slice(0, 200) ?? 'not there'
  return changed(before, after)
    .slice(0, 8)
    .map((key) => `${JSON.stringify(key)}: ${shown(before, key)} → ${shown(after, key)}`)
    .join('\n')
}
