import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../../error.ts'
import type { HostsSource } from '../../inventory/hosts-source.ts'
import { didYouMean } from '../../nearest.ts'
import type { Args } from '../flags.ts'
import type { Life } from '../program.ts'
import { infraFlags } from './flags.ts'

const planning = ['inventory', 'backend', 'var-file', 'lock-timeout']
const applying = [...planning, 'yes', 'expect', 'destroy-data', 'force']

/** Which flags each word takes, beside --env, --terraform and --from. */
const takes = {
  plan: planning,
  apply: applying,
  destroy: applying,
  output: ['inventory', 'backend', 'json'],
  drift: planning,
  rollback: [...applying, 'to'],
  inventory: ['inventory', 'check', 'force'],
} as const satisfies Readonly<Record<string, readonly string[]>>
type Action = keyof typeof takes

export const infraArguments = 'plan|apply|destroy|output [NAME]|drift|rollback|inventory'

/** What a word works on. */
export interface Task {
  readonly life: Life
  readonly args: Args
  readonly env: string
  /** absolute path of the configuration */
  readonly folder: string
  /** absolute path of the environment's inventory; it may not exist */
  readonly inventory: string
  /** what its terraform.yaml says; undefined where it has none */
  readonly source: HostsSource | undefined
  /** terraform, or another program */
  readonly program: string
}

/** `infra.ts WORD --env ENV`, in the repository at `root`. Gives the exit code. */
export async function infraCommand(root: string, life: Life): Promise<number> {
  const { args } = life
  const [word, ...more] = args.positionals
  const action = actionOf(word)
  const extra = more[action === 'output' ? 1 : 0]
  if (extra !== undefined) throw new UsageError(`infra.ts ${action} takes no "${extra}"`)
  const allowed: readonly string[] = ['env', 'terraform', 'from', ...takes[action]]
  for (const flag of Object.keys(infraFlags))
    if (args.has(flag) && !allowed.includes(flag))
      throw new UsageError(`infra.ts ${action} takes no --${flag}`)
  const env = args.text('env')
  if (env === undefined) throw new UsageError('which environment?', '--env NAME')
  const inventory = resolve(args.text('inventory') ?? join(root, 'inventory', env))
  const source = await sourceIn(inventory)
  const from = args.text('from')
  const folder =
    from === undefined ? (source?.folder ?? join(root, 'terraform/environments', env)) : resolve(from)
  if (!existsSync(folder)) throw await noFolder(folder, env)
  const task: Task = {
    life,
    args,
    env,
    folder,
    inventory,
    source,
    program: args.text('terraform') ?? 'terraform',
  }
  switch (action) {
    case 'plan':
      return (await import('./plan.ts')).planAction(task)
    case 'apply':
    case 'destroy':
      return (await import('./apply.ts')).applyAction(task, action)
    case 'output':
      return (await import('./output.ts')).outputAction(task, more[0])
    case 'drift':
      return (await import('./drift.ts')).driftAction(task)
    case 'rollback':
      return (await import('./rollback.ts')).rollbackAction(task)
    case 'inventory':
      return (await import('./inventory.ts')).inventoryAction(task)
  }
}

function actionOf(word: string | undefined): Action {
  const actions = Object.keys(takes) as Action[]
  const action = actions.find((each) => each === word)
  if (action !== undefined) return action
  if (word === undefined) throw new UsageError('what shall be done?', actions.join(', '))
  throw new UsageError(`infra.ts has no "${word}"`, didYouMean(word, actions) ?? actions.join(', '))
}

/** What an inventory's terraform.yaml says. Throws an InventoryError with what is wrong in it. */
async function sourceIn(inventory: string): Promise<HostsSource | undefined> {
  if (!existsSync(join(inventory, 'terraform.yaml'))) return undefined
  const [{ Faults }, { hostsSource }] = await Promise.all([
    import('../../inventory/fault.ts'),
    import('../../inventory/hosts-source.ts'),
  ])
  const faults = new Faults()
  const source = await hostsSource(inventory, faults)
  faults.throwIfAny()
  return source
}

async function noFolder(folder: string, env: string): Promise<UsageError> {
  const names = await readdir(dirname(folder)).catch(() => [])
  return new UsageError(
    `there is no configuration of \`${env}\`: ${folder} does not exist`,
    didYouMean(basename(folder), names) ?? (names.join(', ') || undefined),
  )
}
