import { contracting } from '../../deploy/index.ts'
import type { Host } from '../../inventory/inventory.ts'
import type { Run } from '../playbook.ts'

/**
 * Before a deploy migrates: where migrations contract, and the inventory gives hours, throws unless a drill has verified a
 * restore within them, or --unproven was given. `images` are those that migrate, by app.
 */
export async function proofBeforeContract(
  run: Run,
  host: Host,
  images: Readonly<Record<string, string>>,
  hours: number | undefined,
): Promise<void> {
  if (hours === undefined || run.args.has('unproven')) return
  const apps = await contracting(run.fleet, host, images)
  if (apps.length === 0) return
  // What speaks to S3 is not for a deploy that asks nothing of it.
  const { demandProof } = await import('./demand-proof.ts')
  await demandProof(run, `the migrations of ${apps.join(', ')} contract the database`, hours)
}
