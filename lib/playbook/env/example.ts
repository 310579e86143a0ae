import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { exampleOf } from '../../env/example.ts'
import { envPath } from '../../env/look.ts'
import { exit } from '../../error.ts'
import { shownPath } from '../../inventory/fault.ts'
import { type Task, theStage } from './command.ts'

/** Prints the example of a stage, or writes those of all. */
export async function exampleAction(task: Task): Promise<number> {
  const { directory, named, all, args, print } = task
  if (!args.has('write')) {
    print(exampleOf(theStage(task, 'example')).trimEnd())
    return exit.done
  }
  await mkdir(directory, { recursive: true })
  for (const stage of named.length > 0 ? named : all) {
    const path = `${envPath(stage, { directory })}.example`
    const text = exampleOf(stage)
    const there = await readFile(path, 'utf8').catch(() => undefined)
    if (there !== text) await writeFile(path, text)
    print(`${shownPath(path)}${there === text ? ' is as it should be' : ''}`)
  }
  return exit.done
}
