import { resolve } from 'node:path'
import { UsageError } from '../../error.ts'
import type { TerraformEvent } from '../../infra/events.ts'
import type { Watch } from '../../infra/follow.ts'
import { backendFile, init } from '../../infra/init.ts'
import type { Wanted } from '../../infra/plan.ts'
import { type Terraform, terraformIn } from '../../infra/terraform.ts'
import { inTurn } from '../../infra/turn.ts'
import { scratch } from '../../secret/age/scratch.ts'
import type { Task } from './command.ts'

/** A Terraform that is ready, ours alone on this machine, and a private folder for its plan. */
export interface Session {
  readonly task: Task
  readonly terraform: Terraform
  /** the file that says where the state is, where there is one */
  readonly backend: string | undefined
  readonly wanted: Omit<Wanted, 'mode'>
  readonly watch: Watch
}

/**
 * Works with the Terraform of an environment. Plans hold secrets as they are, so they are kept in a file system in memory,
 * nobody else's, and are gone when the work is.
 * @param what for whoever comes second: "apply"
 */
export async function inSession<T>(
  task: Task,
  what: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { args, folder, life, program } = task
  const wanted = {
    varFiles: args.texts('var-file').map((path) => resolve(path)),
    lockTimeout: lockTimeoutOf(args.text('lock-timeout') ?? '0s'),
  }
  const [terraform, backend] = await Promise.all([
    terraformIn(folder, program),
    backendFile(folder, args.text('backend')),
  ])
  return inTurn(terraform, `infra.ts ${what}`, async () => {
    await init(terraform, backend)
    life.signal.throwIfAborted()
    const place = scratch()
    if (!place.inMemory)
      life.print(
        `the plan is kept in ${place.folder} for as long as this runs: there is no file system in memory here`,
      )
    let pid: number | undefined
    life.onForcedStop(() => {
      if (pid === undefined) return
      life.print(
        `${program} (process ${pid}) goes on by itself: it ends what it began, and then lets go of the lock`,
      )
    })
    const watch: Watch = {
      folder: place.folder,
      signal: life.signal,
      onEvent: (event: TerraformEvent) => tell(task, event),
      onStart: (started) => {
        pid = started
      },
    }
    try {
      return await work({ task, terraform, backend, wanted, watch })
    } finally {
      place.wipe()
    }
  })
}

function lockTimeoutOf(text: string): string {
  if (/^\d+[smh]$/.test(text)) return text
  throw new UsageError(`--lock-timeout takes a time such as 30s or 10m, not "${text}"`)
}

const beginning: Readonly<Record<string, string>> = {
  create: 'making',
  update: 'changing',
  delete: 'destroying',
}
const ending: Readonly<Record<string, string>> = { create: 'made', update: 'changed', delete: 'destroyed' }

function tell({ args, life: { paint, print } }: Task, event: TerraformEvent): void {
  if (event.type === 'done') print(`  ${ending[event.action] ?? event.action}  ${event.address}`)
  if (event.type === 'failed') print(paint('red', `  failed  ${event.address}`))
  if (event.type === 'begun' && args.count('verbose') > 0)
    print(paint('dim', `  ${beginning[event.action] ?? event.action}  ${event.address}`))
}
