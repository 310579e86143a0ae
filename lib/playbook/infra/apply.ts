import { carryOut, checkCanAsk, codeOf } from './carry-out.ts'
import type { Task } from './command.ts'
import { checkKeepable, forgetHosts, keepHosts } from './keep-hosts.ts'
import { inSession } from './session.ts'

/** Makes an environment as its configuration says, or destroys it: a plan that was shown and agreed to. */
export async function applyAction(task: Task, action: 'apply' | 'destroy'): Promise<number> {
  checkCanAsk(task, action)
  await checkKeepable(task)
  const question = action === 'apply' ? `apply this to ${task.env}?` : `destroy all of this in ${task.env}?`
  return inSession(task, action, async (session) => {
    const isDone = await carryOut(session, action, question)
    if (isDone) await (action === 'apply' ? keepHosts(task, session.terraform) : forgetHosts(task))
    return codeOf(isDone)
  })
}
