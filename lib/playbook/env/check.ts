import { existsSync } from 'node:fs'
import { checkStage } from '../../env/check.ts'
import { told } from '../../env/finding.ts'
import { envPath, secretsPath } from '../../env/look.ts'
import { exit } from '../../error.ts'
import { shownPath } from '../../inventory/fault.ts'
import type { Task } from './command.ts'

/** Tells what is wrong with a stage, or with all that have a file. */
export async function checkAction(task: Task): Promise<number> {
  const { named, all, directory, args, print, printError } = task
  const json = args.has('json')
  const say = json ? printError : print
  const where = { directory }
  const stages =
    named.length > 0
      ? named
      : all.filter((stage) => existsSync(envPath(stage, where)) || existsSync(secretsPath(stage, where)))
  if (stages.length === 0) {
    say(
      `${shownPath(directory) || '.'} has no stage yet: env.ts init ${all.map(({ name }) => name).join('|')} makes one`,
    )
    return exit.done
  }
  let count = 0
  for (const stage of stages) {
    const { findings, notes } = await checkStage(stage, where)
    for (const each of findings) print(json ? JSON.stringify({ stage: stage.name, ...each }) : told(each))
    for (const note of notes) say(`note: ${note}`)
    count += findings.length
  }
  const what = stages.map(({ name }) => name).join(', ')
  say(`${what}: ${count === 0 ? 'all well' : count === 1 ? '1 finding' : `${count} findings`}`)
  return count === 0 ? exit.done : exit.failed
}
