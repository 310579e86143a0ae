import { UsageError } from '../../lib/error.ts'
import type { Run } from '../../lib/playbook/index.ts'
import type { SwarmSite } from '../../lib/swarm/converge.ts'
import { newestKept } from '../../lib/swarm/keep.ts'
import { reachedManagers } from '../../lib/swarm/majority.ts'
import { type Replicas, scaled, scaleStack } from '../../lib/swarm/scale.ts'
import { readStackFile } from '../../lib/swarm/stack-file.ts'
import { dataServices } from '../../stack/on-swarm.ts'
import { stackVars, withStack } from './locked.ts'

/** "api=3" as it is meant. Throws a UsageError for what cannot be. */
export function replicasOf(words: readonly string[]): Replicas {
  if (words.length === 0) throw new UsageError('which service, and how many?', 'scale.ts api=3')
  const replicas: Record<string, number> = {}
  for (const word of words) {
    const [, service, count] = /^([a-z][a-z0-9_-]*)=(\d{1,4})$/.exec(word) ?? []
    if (service === undefined) throw new UsageError(`"${word}" says no service and number`, 'as api=3')
    if (Number(count) === 0)
      throw new UsageError(
        `${word}: none would serve`,
        'maintenance.ts closes a site, and says so to who asks',
      )
    if (service in replicas) throw new UsageError(`${service} is named twice`)
    replicas[service] = Number(count)
  }
  return replicas
}

export async function scaleOnSwarm(run: Run, site: SwarmSite): Promise<void> {
  const { args, check, emit, fleet } = run
  const wanted = replicasOf(args.positionals)
  if (check) {
    const managers = await reachedManagers(fleet, site.managers, emit)
    const { file } = await newestKept({ fleet, managers, emit })
    if (file !== '')
      scaled(
        readStackFile(file, () => undefined),
        wanted,
        dataServices,
      )
    emit({ type: 'step', text: `would scale ${args.positionals.join(', ')}` })
    return
  }
  const stack = { stack: stackVars(site).stack_name, data: dataServices }
  await withStack(run, site, 'scale', (work) => scaleStack(work, stack, wanted))
}
