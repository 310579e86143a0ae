import { listDebts, readDebts } from '../engine/debt.ts'
import type { Run } from './playbook.ts'

/** By host, where there are any. */
export type Owed = readonly { readonly host: string; readonly handlers: readonly string[] }[]

/** Handlers that a run owed when it ended: the next run that plays their role pays. */
export async function owedBy({ fleet, inventory }: Run): Promise<Owed> {
  const results = await fleet.run(inventory.hosts, 'list the handlers it owes', () => listDebts)
  return [...results]
    .map(([host, { stdout }]) => ({ host, handlers: readDebts(stdout) }))
    .filter(({ handlers }) => handlers.length > 0)
}
