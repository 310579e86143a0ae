/** What PostgreSQL keeps of a name, in bytes. */
const limit = 63

/** The database that a backup is restored into: "app_restore_3f9a1c" for backup 20261125T101500Z-3f9a1c. */
export function besideName(database: string, backup: string): string {
  return joined(database, `_restore_${backup.slice(-6)}`)
}

/** What the database that served is called once another has its name: "app_before_20261125t101500z". */
export function beforeName(database: string, now: Date): string {
  return joined(database, `_before_${stamp(now)}`)
}

/** A moment as it stands in names: to the second, in UTC, and lower case, so that it needs no quotes in SQL. */
export function stamp(now: Date): string {
  return now
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase()
}

/** Cut by whole characters, where the server would cut by bytes and two names could become one. */
function joined(name: string, ending: string): string {
  let kept = name
  while (Buffer.byteLength(kept) + Buffer.byteLength(ending) > limit) kept = [...kept].slice(0, -1).join('')
  return `${kept}${ending}`
}
