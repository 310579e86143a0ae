import { exit, QuaysideError, UsageError } from '../../error.ts'
import { allOutputs } from '../../infra/outputs.ts'
import { didYouMean } from '../../nearest.ts'
import type { Task } from './command.ts'
import { inSession } from './session.ts'

/** What an environment says of itself: all of it, or one output's value alone. What is sensitive is never printed. */
export function outputAction(task: Task, name: string | undefined): Promise<number> {
  const { args, env, life, program, folder } = task
  return inSession(task, 'output', async ({ terraform }) => {
    const outputs = await allOutputs(terraform)
    const names = Object.keys(outputs)
    const open = Object.fromEntries(
      Object.entries(outputs).flatMap(([key, { sensitive, value }]) => (sensitive ? [] : [[key, value]])),
    )
    if (name !== undefined) {
      const found = outputs[name]
      if (found === undefined)
        throw new UsageError(
          `${env} has no output "${name}"`,
          didYouMean(name, names) ?? (names.join(', ') || 'it has none'),
        )
      if (found.sensitive)
        throw new QuaysideError(`the output ${name} is sensitive`, {
          hint: `who may see it: ${program} -chdir=${folder} output -raw ${name}`,
        })
      life.print(
        typeof found.value === 'string' && !args.has('json')
          ? found.value
          : JSON.stringify(found.value, null, 2),
      )
      return exit.done
    }
    if (args.has('json')) life.print(JSON.stringify(open, null, 2))
    else
      for (const [key, { sensitive, value }] of Object.entries(outputs))
        life.print(`${key}: ${sensitive ? '(sensitive)' : JSON.stringify(value, null, 2)}`)
    if (names.length === 0 && !args.has('json')) life.print(`${env} has no outputs: nothing was applied`)
    return exit.done
  })
}
