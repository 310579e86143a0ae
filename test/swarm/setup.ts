import { labDown, labUp } from '../../lib/lab/index.ts'

/**
 * Every test of a swarm begins on fresh hosts that are in none, and afterwards they stand still, so that others have the
 * machine. With QUAYSIDE_LAB_KEEP=1 they stay as they are, and stay up.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const log = (line: string) => console.log(`swarm: ${line}`)
  const keep = process.env.QUAYSIDE_LAB_KEEP === '1'
  await labUp({ log, lab: 'lab-swarm', fresh: !keep })
  return keep ? undefined : () => labDown({ log, lab: 'lab-swarm' })
}
