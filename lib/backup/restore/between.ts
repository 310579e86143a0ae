import { exit, QuaysideError } from '../../error.ts'

/** How much an environment's data is worth: it flows down by a scrub, and up into production by force alone. */
const ranks: readonly (readonly [RegExp, number])[] = [
  [/^(prod|production|live)\b/, 3],
  [/^(staging|stage|preprod)\b/, 2],
  [/^(test|qa|ci)\b/, 1],
  [/^(lab|dev|development|local|sandbox)\b/, 0],
]

/** An unknown name counts as staging's like: its data may be people's. */
export function rankOf(env: string): number {
  return ranks.find(([pattern]) => pattern.test(env.toLowerCase()))?.[1] ?? 2
}

export interface Between {
  readonly from: string
  readonly to: string
  /** whether restore_scrub says anything */
  readonly scrubs: boolean
  readonly force: boolean
  readonly unscrubbed: boolean
}

/** Whether what is restored has to be scrubbed: it comes from another environment that is not below this one. */
export function needsScrub({ from, to }: Pick<Between, 'from' | 'to'>): boolean {
  return from !== to && rankOf(from) >= rankOf(to)
}

/** Throws where data must not go from one environment to the other. */
export function demandAllowed(between: Between): void {
  const { from, to, scrubs, force, unscrubbed } = between
  if (from === to) return
  if (rankOf(to) === 3 && !force)
    throw new QuaysideError(`a backup of ${from} is not restored into ${to}`, {
      exitCode: exit.usage,
      hint: `if ${to} is to get the data of ${from}: --force`,
    })
  if (needsScrub(between) && !scrubs && !unscrubbed)
    throw new QuaysideError(
      `${from} may hold data of people that ${to} must not: restore_scrub is not set in ${to}`,
      {
        exitCode: exit.usage,
        hint: 'restore_scrub: [{ sql: "update …" }, { file: scrub.sql }] in group_vars; or --unscrubbed to take it as it is',
      },
    )
}
