import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishedPort, swarmHosts } from '../../lib/lab/topology.ts'
import { root } from '../argv.ts'

/** What one host of the swarm's lab is to be, other than in inventory/lab-swarm. */
export interface HostWish {
  /** none: the inventory does not have it */
  readonly role: 'manager' | 'worker' | 'none'
  readonly vars?: Readonly<Record<string, unknown>>
}

/** What a host is that a test says nothing of. */
const worker: HostWish = { role: 'worker' }

/** An inventory of the lab's swarm hosts in a folder of its own: for --inventory, with --env lab-swarm. */
export function swarmInventory(wishes: readonly HostWish[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-swarm-'))
  const hosts = (role: HostWish['role']) =>
    Object.fromEntries(
      swarmHosts.flatMap((machine, index) => {
        const wish = wishes[index] ?? worker
        if (wish.role !== role) return []
        const reach = {
          host: '127.0.0.1',
          port: publishedPort(machine, 22),
          private_address: machine.address,
        }
        return [[machine.name, { ...reach, ...wish.vars }]]
      }),
    )
  const children = { manager: { hosts: hosts('manager') }, worker: { hosts: hosts('worker') } }
  writeFileSync(join(folder, 'hosts.yaml'), JSON.stringify({ all: { children } }))
  mkdirSync(join(folder, 'group_vars'))
  copyFileSync(join(root, 'inventory/lab-swarm/group_vars/all.yaml'), join(folder, 'group_vars/all.yaml'))
  return folder
}
