import { readFile } from 'node:fs/promises'
import { metricsPath } from '../metrics/file.ts'
import type { Finding, Seen } from './check.ts'
import { span } from './words.ts'

/** seconds: a daily backup, and an hour for it to be taken in; a second one missed is a failure */
const warningAge = 25 * 3600
const failedAge = 49 * 3600

/**
 * How old the newest backup and the last verified restore are, by the figures that schedules on this machine write. Where
 * there are none nothing is said: to ask the store would cost more than a look at health may.
 */
export async function backupFindings(env: string): Promise<readonly Finding[]> {
  const path = metricsPath(undefined, env, 'backup')
  const text = path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  return judgeBackups(text, new Date()).map((seen) => ({
    host: 'this machine',
    service: 'backup',
    layer: 'backup',
    ms: 0,
    ...seen,
  }))
}

/** Of metrics as lib/backup/metrics.ts writes them. */
export function judgeBackups(text: string, now: Date): readonly Seen[] {
  const ageOf = (name: string): number | undefined => {
    const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]
    return value === undefined ? undefined : now.getTime() / 1000 - Number(value)
  }
  const taken = ageOf('quayside_backup_last_timestamp_seconds')
  if (taken === undefined) return [{ verdict: 'failed', seen: 'there is no complete backup' }]
  const verified = ageOf('quayside_backup_verified_timestamp_seconds')
  const proof = verified === undefined ? 'none was ever restored' : `one was restored ${span(verified)} ago`
  return [
    {
      verdict: taken > failedAge ? 'failed' : taken > warningAge || verified === undefined ? 'warning' : 'ok',
      seen: `the newest backup is ${span(taken)} old, ${proof}`,
    },
  ]
}
