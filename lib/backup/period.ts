/** The spans of the calendar that retention counts by. */
export const periods = ['daily', 'weekly', 'monthly', 'yearly'] as const
export type Period = (typeof periods)[number]

const dayMs = 86_400_000

/** The name of the span that a moment is in, in UTC: 2026-11-25, 2026-W48 (of ISO 8601), 2026-11, 2026. Names sort by time. */
export function periodOf(period: Period, at: Date): string {
  const day = at.toISOString().slice(0, 10)
  switch (period) {
    case 'daily':
      return day
    case 'weekly':
      return weekOf(at)
    case 'monthly':
      return day.slice(0, 7)
    case 'yearly':
      return day.slice(0, 4)
  }
}

/** A week belongs to the year that its Thursday is in, and the first week is the one with that year's first Thursday. */
function weekOf(at: Date): string {
  const weekday = (at.getUTCDay() + 6) % 7
  const thursday = new Date(at.getTime() + (3 - weekday) * dayMs)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
