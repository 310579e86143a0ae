/**
 * When cron next does what such a line says: "2026-11-26 02:21" after "2026-11-25 10:30", both by the host's own clock.
 * For lines of ours: numbers, lists of them, and "*". Undefined where there is none within a year.
 */
export function nextRun(schedule: string, now: string): string | undefined {
  const fields = schedule
    .split(' ')
    .map((field) => (field === '*' ? undefined : field.split(',').map(Number)))
  const [minutes, hours, days, , weekdays] = fields
  const fits = (values: readonly number[] | undefined, value: number) =>
    values === undefined || values.includes(value)
  // The clock's face read as UTC: what a change to summer time does to a run is cron's affair.
  const start = Date.parse(`${now.replace(' ', 'T')}:00Z`)
  for (let day = 0; day <= 366; day += 1) {
    const midnight = new Date(start + day * 86_400_000)
    midnight.setUTCHours(0, 0, 0, 0)
    if (!fits(days, midnight.getUTCDate()) || !fits(weekdays, midnight.getUTCDay())) continue
    for (let minute = 0; minute < 1440; minute += 1) {
      if (!fits(hours, Math.floor(minute / 60)) || !fits(minutes, minute % 60)) continue
      const at = midnight.getTime() + minute * 60_000
      if (at > start) return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
    }
  }
  return undefined
}
