/**
 * A value as a text shows it. Throws a TypeError for what no text should ever show: undefined, null, NaN, a list, a
 * mapping; `where` says where it stands. A Secret is the caller's to deal with first.
 */
export function printed(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw new TypeError(`${kindOf(value)} stands ${where}`)
}

/** What a value is, without a word of what is in it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`
}
