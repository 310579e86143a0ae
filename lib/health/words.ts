/** How long that is, in the largest unit that says it: "45 s", "12 min", "3 h", "9 d". */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2)
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
