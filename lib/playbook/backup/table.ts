/** How long ago that was: "5 min", "3 h", "12 d". */
export function age(at: string, now: number = Date.now()): string {
  const minutes = Math.max(0, Math.round((now - Date.parse(at)) / 60_000))
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`
}

/** Rows as lines: each column as wide as its widest word. The last word of a row may be of any width. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, word] of row.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? 0, word.length)
  return rows.map((row) =>
    row.map((word, index) => (index === row.length - 1 ? word : word.padEnd(widths[index] ?? 0))).join('  '),
  )
}
