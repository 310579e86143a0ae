import { exit } from '../../error.ts'
import { makePlan } from '../../infra/plan.ts'
import { driftLines, planLines } from '../../infra/plan-lines.ts'
import type { Task } from './command.ts'
import { inSession } from './session.ts'
import { printLines } from './show.ts'

/** What is no longer as the state has it, whoever changed it; exit code 3 where that is anything. Nothing is written. */
export function driftAction(task: Task): Promise<number> {
  return inSession(task, 'drift', async ({ terraform, wanted, watch }) => {
    const { changes } = await makePlan(terraform, { ...wanted, mode: 'drift' }, watch)
    const { drift, outputs } = changes
    const all = task.args.count('verbose') > 0
    printLines(task, [...driftLines(drift, all), ...planLines({ things: [], drift: [], outputs }, all)])
    if (drift.length + outputs.length === 0) {
      task.life.print(`${task.env}: all is as it was made`)
      return exit.done
    }
    const outside = drift.length === 1 ? 'one thing was' : `${drift.length} things were`
    task.life.print(
      `${task.env}: ${drift.length === 0 ? 'only outputs differ' : `${outside} changed from outside`}; infra.ts plan says what an apply would do about it`,
    )
    return exit.pending
  })
}
