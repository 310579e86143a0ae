const units = ['kB', 'MB', 'GB', 'TB'] as const

/** Bytes as a person reads them: "12.3 MB". */
export function amount(bytes: number): string {
  let value = bytes
  let unit = 'bytes'
  for (const next of units) {
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  return unit === 'bytes' ? `${value} bytes` : `${value.toFixed(value < 99.95 ? 1 : 0)} ${unit}`
}
