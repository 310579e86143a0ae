import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, QuaysideError } from '../../error.ts'
import { madeBy } from '../../infra/outputs.ts'
import type { Terraform } from '../../infra/terraform.ts'
import { isPersons, removeHosts, writeHosts, writtenByAPerson } from '../../infra/write.ts'
import type { Task } from './command.ts'

/** Refuses before anything is made where its hosts could not be written down: an inventory that waits for them, and is a person's. */
export async function checkKeepable({ args, inventory, source }: Task): Promise<void> {
  if (source !== undefined && !args.has('force') && (await isPersons(inventory)))
    throw writtenByAPerson(join(inventory, 'hosts.yaml'))
}

/**
 * Brings the inventory up to what was made. Without a terraform.yaml nobody said that the inventory is ours: a person's is
 * left, and a configuration without hosts is no failure.
 */
export async function keepHosts(task: Task, terraform: Terraform): Promise<void> {
  const { args, env, inventory, life, source } = task
  if (!existsSync(inventory))
    return life.print(
      `no inventory: ${inventory} does not exist; npx zx playbooks/new.ts env ${env} makes one`,
    )
  const force = args.has('force')
  if (!force && (await isPersons(inventory)))
    return life.print(
      `no inventory: ${join(inventory, 'hosts.yaml')} was written by a person, and is left as it is`,
    )
  try {
    const changes = await writeHosts(await madeBy(terraform), {
      folder: inventory,
      source,
      check: false,
      force,
    })
    for (const line of changes) life.print(`  inventory  ${line}`)
  } catch (error) {
    if (source !== undefined || !(error instanceof QuaysideError)) throw error
    life.print(`no inventory: ${messageOf(error).split('\n')[0]}`)
  }
}

/** After all was destroyed: hosts that are no more are in no inventory of ours. */
export async function forgetHosts({ inventory, life }: Task): Promise<void> {
  if (await removeHosts(inventory))
    life.print(`  inventory  ${join(inventory, 'hosts.yaml')} is removed: there are no hosts`)
}
