import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import type { Play } from '../engine/play.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { type Args, type Flags, playbookFlags } from './flags.ts'
import { planFlags } from './plan-file.ts'
import { program } from './program.ts'
import { reportFlags } from './report-flags.ts'
import { selectionFlags } from './selection.ts'

/** A playbook: roles on groups, and what a run does with them. */
export interface Playbook {
  /** one line: what it is for */
  readonly about: string
  readonly example: string
  readonly arguments?: string
  readonly flags?: Flags
  /** the inventory is checked against their roles before any host is touched; without `run`, they are converged */
  readonly plays: readonly Play[]
  /** plays that it does not play, and whose roles' variables it reads: checked, and with their defaults */
  readonly reads?: readonly Play[]
  /** plays of other playbooks on the same inventories, which may hold their roles' variables, too */
  readonly besides?: readonly Play[]
  /** why no part of it can be run alone: --limit, --tags and their like are then refused with it */
  readonly whole?: string
  /** words and flags that can be judged before the inventory is read: throws a UsageError */
  validate?(args: Args): void
  run?(run: Run): Promise<void>
}

/** One run of a playbook. */
export interface Run {
  readonly env: string
  readonly args: Args
  readonly inventory: Inventory
  readonly fleet: Fleet
  /** plays a play, and throws a PlayError when it fails on a host: see Fleet.play */
  readonly play: Fleet['play']
  readonly check: boolean
  readonly emit: Emit
  readonly print: (line: string) => void
  readonly signal: AbortSignal
}

/** Runs a playbook to the end of the process. */
export async function playbook(meta: { url: string }, spec: Playbook): Promise<never> {
  const converges = spec.run === undefined
  const shared = {
    ...playbookFlags,
    ...(spec.whole === undefined ? selectionFlags : {}),
    ...(converges ? planFlags : {}),
    ...reportFlags,
  }
  return program(meta, {
    ...spec,
    shared,
    refused: { ...selectionFlags, ...planFlags },
    run: async (life) => (await import('./live.ts')).live(spec, life),
  })
}
