import { messageOf, QuaysideError } from '../../error.ts'
import type { Host } from '../../inventory/inventory.ts'
import type { Run } from '../playbook.ts'
import { counted, outcomesOf, resultOf, varsOf } from './scan.ts'
import { endedIn, inWords, type Outcome } from './table.ts'
import { asDeployed } from './targets.ts'

/** How many findings an error names. */
const most = 10

/**
 * Scans the images of a release, as deploy_scan says, before anything of it is started. The host has them already. With
 * `refuse` it throws where findings count, and where the images could not be scanned; with `report` both are told.
 */
export async function scanBeforeDeploy(run: Run, host: Host, images: readonly string[]): Promise<void> {
  const vars = varsOf({ host })
  if (vars.deploy_scan === 'off') return
  const started = performance.now()
  const note = (text: string) => run.emit({ type: 'note', text })
  let outcomes: readonly Outcome[]
  try {
    outcomes = await outcomesOf(run, [{ host, images: asDeployed(images) }], vars.scan_fail_on)
  } catch (error) {
    if (vars.deploy_scan === 'refuse' || run.signal.aborted) throw error
    note(`the images were NOT SCANNED, and are deployed all the same: ${messageOf(error)}`)
    return
  }
  run.emit(resultOf(outcomes, vars.scan_fail_on, performance.now() - started))
  for (const line of endedIn(outcomes)) note(line)
  const [, counting] = counted(outcomes)
  if (counting === 0) {
    run.emit({ type: 'step', text: `scanned ${outcomes.length} images: nothing that counts` })
    return
  }
  const told = countingIn(outcomes)
  if (vars.deploy_scan === 'report') {
    for (const line of told) note(line)
    return
  }
  const more = told.length > most ? [`and ${told.length - most} more`] : []
  throw new QuaysideError(
    `the release is refused for what its images have:\n${[...told.slice(0, most), ...more].map((each) => `    ${each}`).join('\n')}`,
    {
      hint: `npx zx playbooks/scan.ts --env ${run.env} has all of it; build on newer packages, or scan_ignore with a day and a reason`,
    },
  )
}

function countingIn(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .flatMap(({ judged }) => judged)
    .flatMap(({ finding, verdict }) => (verdict === 'counts' ? [inWords(finding)] : []))
}
