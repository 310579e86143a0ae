import { placeOf, signingKey } from '../../backup/place.ts'
import { newestProof } from '../../backup/proof.ts'
import { QuaysideError } from '../../error.ts'
import type { Run } from '../playbook.ts'

const hourMs = 3_600_000

/**
 * Holds a run until a restore is known to work: throws unless a drill has verified one within so many hours. `what` is
 * about to be done: "the migrations of api contract the database".
 */
export async function demandProof(run: Run, what: string, hours: number): Promise<void> {
  const place = await placeOf(run)
  try {
    const now = new Date()
    const proof = await newestProof(place.store, run.env, signingKey(place.plan), now)
    const age = proof === undefined ? Number.POSITIVE_INFINITY : (now.getTime() - proof.at.getTime()) / hourMs
    if (proof !== undefined && age <= hours) {
      run.emit({ type: 'note', text: `${what}; the restore of ${proof.backup} was verified ${ago(age)} ago` })
      return
    }
    const newest =
      proof === undefined
        ? 'no drill has verified a restore'
        : `the newest verified restore is ${ago(age)} old, of ${proof.backup}`
    throw new QuaysideError(`${what}, and ${newest}: ${hours} hours are allowed`, {
      hint: `npx zx playbooks/backup.ts --env ${run.env} && npx zx playbooks/restore-drill.ts --env ${run.env}, then deploy; or --unproven`,
    })
  } finally {
    place.store.close()
  }
}

function ago(hours: number): string {
  return hours < 1 ? `${Math.round(hours * 60)} minutes` : `${hours.toFixed(1)} hours`
}
