import type { Recording } from './recording.ts'

/** What a run came to, in a word and in a sentence. */
export interface Verdict {
  readonly state: 'ok' | 'changed' | 'pending' | 'failed' | 'interrupted'
  readonly text: string
}

export function verdictOf(recording: Recording): Verdict {
  const { tallies, ended, check } = recording
  const bad = tallies.filter(({ state }) => state === 'failed' || state === 'unreachable').length
  const left = tallies.filter(({ state }) => state === 'left-out').length
  if (ended?.interrupted === true)
    return { state: 'interrupted', text: 'Interrupted: stopped before its end' }
  if (bad > 0) {
    const rest = left === 0 ? '' : `, ${left} left out`
    return { state: 'failed', text: `${bad} of ${count(tallies.length, 'host')} failed${rest}` }
  }
  if (ended !== undefined) return { state: 'failed', text: 'The run failed' }
  const sum = (of: 'changed' | 'pending') => tallies.reduce((so, tally) => so + tally[of], 0)
  if (check && sum('pending') > 0)
    return { state: 'pending', text: `${count(sum('pending'), 'change')} pending; nothing was changed` }
  if (sum('changed') > 0) return { state: 'changed', text: `Done: ${count(sum('changed'), 'change')} made` }
  return { state: 'ok', text: 'Everything is as it should be' }
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
