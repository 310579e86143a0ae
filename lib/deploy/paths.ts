import type { Lock } from '../engine/lock.ts'

/** Where a deploy keeps what it must know of: on the hosts, so that any machine with the inventory can carry on. */
export const paths = {
  /** edges: history.jsonl, flip.json, lock; app hosts: blue.json, green.json */
  state: '/var/lib/quayside/deploy',
  /** edges: a file named "green" here is what nginx serves green by */
  switch: '/etc/quayside/nginx/switch',
} as const

/** What every edge is locked by while one run deploys or rolls back. */
export function deployLock(what: string): Lock {
  return { file: `${paths.state}/lock`, what }
}
