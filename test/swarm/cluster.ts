import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Outcome, playbook } from '../lab/playbook.ts'
import { type HostWish, swarmInventory } from './inventory.ts'

/** The nodes as inventory/lab-swarm has them. */
export const asCommitted = [
  'swarm-1 manager active edge=true postgres=true quayside.host=swarm-1',
  'swarm-2 manager active edge=true quayside.host=swarm-2 redis=true',
  'swarm-3 manager active edge=true quayside.host=swarm-3',
  'swarm-4 worker active quayside.host=swarm-4',
]

export const swarm = (...words: readonly string[]): Promise<Outcome> =>
  playbook('swarm', ['--env', 'lab-swarm', ...words])

const folders: string[] = []

/** Plays the hosts as these wishes say; those without one are workers. */
export const play = (wishes: readonly HostWish[], ...words: readonly string[]): Promise<Outcome> => {
  const folder = swarmInventory(wishes)
  folders.push(folder)
  return swarm('--inventory', folder, ...words)
}

/** Around the tests of a file the swarm is as it is committed. */
export function aroundSwarm(): void {
  beforeAll(async () => {
    const { code, output } = await swarm()
    expect(code, output).toBe(0)
  }, 300_000)
  afterAll(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true })
    const { code, output } = await swarm()
    expect(code, output).toBe(0)
  }, 300_000)
}
