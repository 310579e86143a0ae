import { init } from '../../infra/init.ts'
import { demandStateApart, inThePast, pastOf } from '../../infra/past.ts'
import { carryOut, checkCanAsk, codeOf } from './carry-out.ts'
import type { Task } from './command.ts'
import { checkKeepable, keepHosts } from './keep-hosts.ts'
import { inSession } from './session.ts'

/** Makes an environment as the configuration of an earlier commit says: by a plan, shown and agreed to as any other. */
export async function rollbackAction(task: Task): Promise<number> {
  checkCanAsk(task, 'rollback')
  await checkKeepable(task)
  const { args, env, folder, life } = task
  const past = await pastOf(folder, args.text('to'))
  return inSession(task, 'rollback', async (session) => {
    const { backend, terraform } = session
    await demandStateApart(terraform.dataDir)
    life.print(`${env} as it was in ${past.title}`)
    return inThePast(past, folder, async (then) => {
      // With today's data folder: it knows where the state is, and init refuses a configuration that has it elsewhere.
      const earlier = { ...terraform, folder: then }
      await init(earlier, backend)
      const isDone = await carryOut({ ...session, terraform: earlier }, 'apply', `apply this to ${env}?`)
      if (isDone) await keepHosts(task, earlier)
      return codeOf(isDone)
    })
  })
}
