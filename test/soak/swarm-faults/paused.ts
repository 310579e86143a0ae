import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { root } from '../../argv.ts'

/** A copy of inventory/lab-swarm in which these nodes take no new tasks, and the images are in this folder of the registry. */
export function inventoryWhere(paused: readonly string[], registry: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-swarm-'))
  cpSync(join(root, 'inventory/lab-swarm'), folder, { recursive: true })
  edit(join(folder, 'hosts.yaml'), (inventory) => {
    for (const name of paused) inventory.all.children.manager.hosts[name].swarm_availability = 'pause'
  })
  edit(join(folder, 'group_vars/all.yaml'), (vars) => {
    // As it is elsewhere.
    vars.stack_settings.UPDATE_DELAY_SECONDS = undefined
    if (registry !== undefined) vars.stack_settings.REGISTRY = registry
  })
  return folder
}

function edit(file: string, change: (content: ReturnType<typeof parse>) => void): void {
  const content = parse(readFileSync(file, 'utf8'))
  change(content)
  writeFileSync(file, stringify(content))
}
