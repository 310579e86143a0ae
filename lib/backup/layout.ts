import { randomBytes } from 'node:crypto'

/** Keys of a store, below its prefix: one store may hold several environments. */
export const layout = {
  /** all backups of an environment */
  backups: (env: string) => `${env}/backups/`,
  /** one backup's folder */
  backup: (env: string, id: string) => `${env}/backups/${id}/`,
  /** written last: a folder without it is no backup */
  manifest: (env: string, id: string) => `${env}/backups/${id}/manifest.json`,
  /** what a run that was interrupted has finished, to be taken up by `--resume` */
  part: (env: string, id: string, name: string) => `${env}/backups/${id}/parts/${name}.json`,
  /** evidence of a drill of that backup */
  evidence: (env: string, id: string, drill: string, ending: 'json' | 'html') =>
    `${env}/backups/${id}/drills/${drill}.${ending}`,
  /** segments of a server's log, and base backups to play them onto */
  wal: (env: string) => `${env}/wal/`,
  base: (env: string) => `${env}/base/`,
} as const

/** A new backup's name: when, in UTC, to the second, and what tells two of one second apart. Names sort by time. */
export function newId(now: Date = new Date()): string {
  const when = now.toISOString().replace(/[-:]|\.\d+/g, '')
  return `${when}-${randomBytes(3).toString('hex')}`
}

/** When a backup of that name was begun; undefined for what is no such name. */
export function timeOf(id: string): Date | undefined {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{6}$/.exec(id) ?? []
  if (s === undefined) return undefined
  const date = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}
