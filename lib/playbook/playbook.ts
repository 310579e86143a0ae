import type { Emit } from '../engine/event.ts'
import { Fleet } from '../engine/fleet.ts'
import { type Play, schemasOf } from '../engine/play.ts'
import { exit, UsageError } from '../error.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { consoleReporter } from '../report/console.ts'
import { redactDeep } from '../secret/index.ts'
import { environmentOf, isLab } from './environment.ts'
import { type Args, type Flags, playbookFlags } from './flags.ts'
import { type Life, program } from './program.ts'

/** A playbook: roles on groups, and what a run does with them. */
export interface Playbook {
  /** one line: what it is for */
  readonly about: string
  readonly example: string
  readonly arguments?: string
  readonly flags?: Flags
  /** the inventory is checked against their roles before any host is touched; without `run`, they are converged */
  readonly plays: readonly Play[]
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
  readonly check: boolean
  readonly emit: Emit
  readonly print: (line: string) => void
  readonly signal: AbortSignal
}

/** Runs a playbook to the end of the process. */
export async function playbook(meta: { url: string }, spec: Playbook): Promise<never> {
  return program(meta, { ...spec, shared: playbookFlags, run: (life) => live(spec, life) })
}

async function live(spec: Playbook, life: Life): Promise<number> {
  const { args, signal, name, paint, print } = life
  const started = performance.now()
  const check = args.has('check')
  if (args.has('exit-code') && !check) throw new UsageError('--exit-code goes with --check')
  if (spec.arguments === undefined && args.positionals.length > 0)
    throw new UsageError(`what is "${args.positionals[0]}"?`, `${name} takes flags alone; see --help`)
  spec.validate?.(args)
  const forks = args.number('forks', 1) ?? 10
  const { env, dir } = environmentOf(args)
  const { loadInventory } = await import('../inventory/load.ts')
  const inventory = await loadInventory({ env, dir, schemas: schemasOf(spec.plays) })

  const report = consoleReporter({
    write: print,
    paint,
    diff: args.has('diff'),
    verbosity: args.count('verbose'),
  })
  // What programs on hosts print comes through here: no reporter sees a secret in it.
  const emit: Emit = (event) => report(redactDeep(event))
  emit({ type: 'run', playbook: name, env, check })
  if (isLab(env)) {
    const { labUp, ensureStandIns } = await import('../lab/index.ts')
    const log = (text: string) => emit({ type: 'note', text: `lab: ${text}` })
    await labUp({ log })
    await ensureStandIns(log)
  }
  const { openConnection } = await import('../connection/open.ts')
  const fleet = new Fleet({
    inventory,
    connect: (host, options) => openConnection(host.target, options),
    forks,
    check,
    emit,
    signal,
  })
  try {
    if (spec.run === undefined) await fleet.converge(spec.plays)
    else await spec.run({ env, args, inventory, fleet, check, emit, print, signal })
  } finally {
    emit({ type: 'recap', tallies: fleet.tallies, ms: performance.now() - started })
    await fleet.close()
  }
  signal.throwIfAborted()
  return codeOf(fleet, args.has('exit-code'))
}

function codeOf(fleet: Fleet, tellPending: boolean): number {
  if (fleet.tallies.some((tally) => tally.state === 'failed')) return exit.failed
  if (fleet.tallies.some((tally) => tally.state === 'unreachable')) return exit.unreachable
  return tellPending && fleet.tallies.some((tally) => tally.pending > 0) ? exit.pending : exit.done
}
