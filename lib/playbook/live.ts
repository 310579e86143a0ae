import type { Emit } from '../engine/event.ts'
import { factsStoreOf } from '../engine/facts-cache.ts'
import { Fleet } from '../engine/fleet.ts'
import { type Play, schemasOf } from '../engine/play.ts'
import { type PlannedStep, SavedPlan } from '../engine/saved-plan.ts'
import { exit, UsageError } from '../error.ts'
import type { Inventory } from '../inventory/inventory.ts'
import type { LabName } from '../lab/topology.ts'
import { environmentOf, isLab } from './environment.ts'
import { type Listing, listHosts, listTags, listTasks } from './listing.ts'
import { planFlags } from './plan-file.ts'
import { demandNoDrift, keepPlan, type Planning, planningOf } from './planning.ts'
import type { Playbook } from './playbook.ts'
import type { Life } from './program.ts'
import { reportersOf } from './reporters.ts'
import { selectionFlags, selectionIn } from './selection.ts'

/** One run of a playbook, from its words to its exit code. */
export async function live(spec: Playbook, life: Life): Promise<number> {
  const { args, name } = life
  const started = performance.now()
  judge(spec, life)
  const { env, dir } = environmentOf(args)
  const planning = await planningOf(args, spec.plays, { playbook: name, env })
  if (args.has('list-tags')) return tell(listTags(spec.plays), life)

  const { loadInventory } = await import('../inventory/load.ts')
  const { limit } = planning.selection
  const inventory = await loadInventory({
    env,
    dir,
    schemas: schemasOf([...spec.plays, ...(spec.reads ?? [])]),
    besides: schemasOf(spec.besides ?? []),
    extraVars: planning.extraVars,
    ...(limit === undefined ? {} : { limit }),
    secrets: !args.has('list-hosts'),
  })
  const reporters = await reportersOf(args, life)
  const { emit, print } = reporters
  const steps: PlannedStep[] = []
  const fleet = await assemble(life, inventory, planning, emit, steps)
  if (args.has('list-hosts'))
    return tell(
      listHosts(spec.plays, (play) => fleet.hostsOf(play)),
      life,
    )
  if (args.has('list-tasks')) return outline(spec.plays, fleet, env, life)

  const recap = () => emit({ type: 'recap', tallies: fleet.tallies, ms: performance.now() - started })
  life.onForcedStop(() => {
    emit({ type: 'run-failed', interrupted: true, error: asError(life.signal.reason) })
    recap()
    reporters.close()
  })
  emit({ type: 'run', playbook: name, env, check: isCheck(life, planning) })
  try {
    if (isLab(env)) await bringLabUp(env, (text) => emit({ type: 'note', text }))
    await demandNoDrift(planning, spec.plays, fleet)
    await playAll(spec, { life: { ...life, print }, env, fleet, planning, emit })
    life.signal.throwIfAborted()
  } catch (error) {
    emit({ type: 'run-failed', interrupted: life.signal.aborted, error: asError(error) })
    throw error
  } finally {
    recap()
    reporters.close()
    await fleet.close()
  }
  const kept = await keepPlan(planning, fleet, steps)
  if (kept !== undefined) print(`\n  the plan is in ${kept}; apply exactly it with --plan ${kept}`)
  const again = retryHint(spec, fleet)
  if (again !== undefined) print(again)
  return codeOf(fleet, args.has('exit-code'))
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** Words that are wrong whatever the inventory says. */
function judge(spec: Playbook, { args, name }: Life): void {
  if (args.has('exit-code') && !args.has('check') && !args.has('plan-out'))
    throw new UsageError('--exit-code goes with --check')
  if (spec.arguments === undefined && args.positionals.length > 0)
    throw new UsageError(`what is "${args.positionals[0]}"?`, `${name} takes flags alone; see --help`)
  const selecting = Object.keys(selectionFlags).find((flag) => args.has(flag))
  if (spec.whole !== undefined && selecting !== undefined)
    throw new UsageError(`--${selecting} does not go with ${name}.ts: ${spec.whole}`)
  const planned = Object.keys(planFlags).find((flag) => args.has(flag))
  if (spec.run !== undefined && planned !== undefined)
    throw new UsageError(`--${planned} does not go with ${name}.ts: it does more than converge hosts`)
  spec.validate?.(args)
}

async function assemble(
  life: Life,
  inventory: Inventory,
  planning: Planning,
  emit: Emit,
  steps: PlannedStep[],
): Promise<Fleet> {
  const { args, signal } = life
  const { connectorOf } = await import('./connector.ts')
  const say = (text: string, host?: string) =>
    emit({ type: 'note', text, ...(host === undefined ? {} : { host }) })
  const connector = await connectorOf(args, say)
  const { saved, out } = planning
  return new Fleet({
    inventory,
    connect: (host, options) => connector.open(host.target, options),
    forks: args.number('forks', 1) ?? 50,
    check: isCheck(life, planning),
    emit,
    signal,
    selection: selectionIn(inventory, planning.selection),
    factsStore: factsStoreOf(inventory.env),
    ...(args.has('step') ? { confirm: (await import('./confirm.ts')).confirmAtTerminal() } : {}),
    ...(out === undefined ? {} : { record: (step: PlannedStep) => void steps.push(step) }),
    ...(saved === undefined ? {} : { plan: new SavedPlan(saved.plan.steps) }),
  })
}

async function playAll(
  spec: Playbook,
  run: { life: Life; env: string; fleet: Fleet; planning: Planning; emit: Emit },
): Promise<void> {
  const { life, env, fleet, planning, emit } = run
  const { args, print, signal } = life
  if (spec.run === undefined) return fleet.converge(spec.plays)
  await spec.run({
    env,
    args,
    inventory: fleet.inventory,
    fleet,
    play: (play, options) => fleet.play(play, options),
    check: isCheck(life, planning),
    emit,
    print,
    signal,
  })
}

async function outline(plays: readonly Play[], fleet: Fleet, env: string, life: Life): Promise<number> {
  try {
    if (isLab(env)) await bringLabUp(env, () => undefined)
    return (await tell(await listTasks(plays, fleet), life)) || codeOf(fleet, false)
  } finally {
    await fleet.close()
  }
}

async function bringLabUp(lab: LabName, note: (text: string) => void): Promise<void> {
  const { labUp, ensureStandIns } = await import('../lab/index.ts')
  const log = (text: string) => note(`lab: ${text}`)
  await labUp({ log, lab })
  await ensureStandIns(log)
}

function isCheck({ args }: Life, planning: Planning): boolean {
  return args.has('check') || planning.out !== undefined
}

/** Answers --list-hosts and its like: lines, or with --json the one event that holds them as data. */
async function tell({ of, lines, data }: Listing, { args, print }: Life): Promise<number> {
  if (args.has('json')) {
    const { jsonReporter } = await import('../report/json.ts')
    jsonReporter(print)({ type: 'result', of, data })
  } else for (const line of lines) print(line)
  return exit.done
}

/** What to type for the hosts that did not end well: Ansible's retry file, without the file. */
function retryHint(spec: Playbook, fleet: Fleet): string | undefined {
  const bad = fleet.tallies.filter((tally) => tally.state !== 'ok').map((tally) => tally.host)
  if (spec.whole !== undefined || bad.length === 0 || bad.length > 20) return undefined
  return `\n  again, for these hosts alone: --limit ${bad.join(',')}`
}

function codeOf(fleet: Fleet, tellPending: boolean): number {
  if (fleet.tallies.some((tally) => tally.state === 'failed')) return exit.failed
  if (fleet.tallies.some((tally) => tally.state === 'unreachable')) return exit.unreachable
  return tellPending && fleet.tallies.some((tally) => tally.pending > 0) ? exit.pending : exit.done
}
