import { exit } from '../../error.ts'
import { digestOf, isEmpty, makePlan } from '../../infra/plan.ts'
import type { Task } from './command.ts'
import { inSession } from './session.ts'
import { showPlan } from './show.ts'

/** What an apply would change; exit code 3 where that is anything. */
export function planAction(task: Task): Promise<number> {
  return inSession(task, 'plan', async ({ terraform, wanted, watch }) => {
    const plan = await makePlan(terraform, { ...wanted, mode: 'apply' }, watch)
    if (isEmpty(plan.changes)) {
      task.life.print(`${task.env}: nothing to change`)
      return exit.done
    }
    showPlan(task, plan)
    task.life.print(`its number is ${digestOf(plan.changes)}: infra.ts apply --expect applies no other`)
    return exit.pending
  })
}
