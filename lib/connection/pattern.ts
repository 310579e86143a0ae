/** Whether a name matches one of ssh's patterns: `*` and `?` alone are special; brackets are not. */
export function glob(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(name)
}

/** Whether a name is in a list of ssh's patterns: one must match, and none that begins with `!` may. */
export function listed(patterns: readonly string[], name: string): boolean {
  if (patterns.some((pattern) => pattern.startsWith('!') && glob(pattern.slice(1), name))) return false
  return patterns.some((pattern) => !pattern.startsWith('!') && glob(pattern, name))
}
