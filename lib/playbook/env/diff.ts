import { type Difference, diffFromDefaults, diffStages } from '../../env/diff.ts'
import { envPath } from '../../env/look.ts'
import { exit } from '../../error.ts'
import { columns } from '../../inventory/columns.ts'
import { shownPath } from '../../inventory/fault.ts'
import { type Task, theStage } from './command.ts'

/** Tells what a stage sets beside the defaults, or how two stages differ. Of a secret it says whether, never what. */
export async function diffAction(task: Task): Promise<number> {
  const { directory, named, args, print, printError } = task
  const stage = theStage(task, 'diff')
  const other = named[1]
  const where = { directory }
  const { settings, secrets, same } =
    other === undefined ? await diffFromDefaults(stage, where) : await diffStages([stage, other], where)
  if (args.has('json')) {
    for (const each of settings)
      print(JSON.stringify({ setting: each.name, left: each.left, right: each.right }))
    for (const each of secrets)
      print(JSON.stringify({ secret: each.name, left: each.left, right: each.right }))
    printError(alike(same))
    return exit.done
  }
  const heads = other === undefined ? ['default', shownPath(envPath(stage, where))] : [stage.name, other.name]
  if (settings.length > 0)
    for (const line of columns([['setting', ...heads], ...settings.map(row)])) print(line)
  print(alike(same))
  print('')
  const secretRows = secrets.map(({ name, left, right }) =>
    other === undefined ? [name, right] : [name, left, right],
  )
  for (const line of columns([['secret', ...(other === undefined ? [stage.name] : heads)], ...secretRows]))
    print(line)
  return exit.done
}

function row({ name, left, right }: Difference): string[] {
  return [name, left, right]
}

function alike(count: number): string {
  return count === 1 ? '1 setting is alike' : `${count} settings are alike`
}
