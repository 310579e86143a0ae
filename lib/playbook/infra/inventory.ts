import { exit } from '../../error.ts'
import { madeBy } from '../../infra/outputs.ts'
import { terraformIn } from '../../infra/terraform.ts'
import { writeHosts } from '../../infra/write.ts'
import type { Task } from './command.ts'

/** Writes the hosts.yaml of what was made, or says what would change in it. */
export async function inventoryAction(task: Task): Promise<number> {
  const { args, folder, inventory, life, program, source } = task
  const made = await madeBy(await terraformIn(folder, program))
  const check = args.has('check')
  const changes = await writeHosts(made, { folder: inventory, source, check, force: args.has('force') })
  for (const line of changes) life.print(line)
  const count = Object.keys(made.hosts).length
  life.print(
    changes.length === 0 ? `${count} hosts, as they were` : `${count} hosts${check ? ', not written' : ''}`,
  )
  return check && changes.length > 0 ? exit.pending : exit.done
}
