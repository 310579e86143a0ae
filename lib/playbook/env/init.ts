import { checkStage } from '../../env/check.ts'
import { told } from '../../env/finding.ts'
import { initStage } from '../../env/init.ts'
import { exit } from '../../error.ts'
import { type Task, theStage } from './command.ts'

/** Makes what a stage lacks, and says what is left to a person. */
export async function initAction(task: Task): Promise<number> {
  const { directory, args, print } = task
  const stage = theStage(task, 'init')
  const dryRun = args.has('check')
  const { changes, conflicts } = await initStage(stage, { directory, log: print, dryRun })
  for (const conflict of conflicts) print(told(conflict))
  if (changes === 0 && conflicts.length === 0) print(`${stage.name}: nothing to do`)
  if (conflicts.length > 0) return exit.failed
  if (dryRun) return exit.done
  const { findings } = await checkStage(stage, { directory })
  if (findings.length > 0) print('left to you:')
  for (const each of findings) print(told(each))
  return exit.done
}
