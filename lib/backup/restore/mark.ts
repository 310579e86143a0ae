/**
 * What stands in the comment of a database that a restore made or moved away: what it is, and so what may be done
 * with it. A database without it is not ours, whatever its name.
 */
export interface Mark {
  /** `building`: not whole; `ready`: verified; `differs`: whole, but not what the manifest says; `before`: it served until a restore took its name */
  readonly state: 'building' | 'ready' | 'differs' | 'before'
  /** the name that it is for, or had */
  readonly of: string
  /** the backup; of `before`, the one that took its place */
  readonly backup: string
  /** which run made it */
  readonly run: string
  /** ISO 8601 */
  readonly at: string
  /** whether it may take the place of the one that serves: not where parts of it were left out */
  readonly whole: boolean
  /** the comment that a person had given it */
  readonly comment?: string
}

const states = ['building', 'ready', 'differs', 'before'] as const
const label = 'quayside restore '

export function markText(mark: Mark): string {
  return `${label}${JSON.stringify(mark)}`
}

/** The mark in a database's comment; undefined for any other comment. */
export function markOf(comment: string | null): Mark | undefined {
  if (comment === null || !comment.startsWith(label)) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(comment.slice(label.length))
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const fields: Record<string, unknown> = { ...parsed }
  const state = states.find((each) => each === fields.state)
  const { of, backup, run, at, whole, comment: own } = fields
  if (state === undefined || typeof of !== 'string' || typeof backup !== 'string') return undefined
  if (typeof run !== 'string' || typeof at !== 'string' || typeof whole !== 'boolean') return undefined
  return { state, of, backup, run, at, whole, ...(typeof own === 'string' ? { comment: own } : {}) }
}
