/**
 * What is wrong with how an image is named, or undefined: it must have a digest, or a tag that names a version. A tag
 * can be moved by whoever owns it, and a version's is expected to stay; one without a digit ("latest", "alpine",
 * "stable") is meant to move.
 */
export function unpinned(reference: string): string | undefined {
  const [name = '', digest] = reference.split('@')
  if (digest !== undefined)
    return /^sha256:[0-9a-f]{64}$/.test(digest)
      ? undefined
      : `\`${reference}\` has a digest that is none: 64 hex digits after sha256:`
  // A colon before the last slash belongs to the registry's port.
  const [, tag] = /:([^/:]*)$/.exec(name) ?? []
  if (tag === undefined || tag === '')
    return `\`${reference}\` has no tag: that means latest, whatever it is that day`
  return /\d/.test(tag) ? undefined : `the tag \`${tag}\` of \`${reference}\` moves: it names no version`
}

export const pinnedHint = 'name a version, `redis:7.0-alpine`, or a digest, `redis@sha256:…`'
