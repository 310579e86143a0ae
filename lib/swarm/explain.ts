import type { Fleet } from '../engine/fleet.ts'
import { type Failure, tellingTask } from './failure.ts'
import { allTasks, type StackLook, taskLogs } from './look.ts'
import type { Managers } from './manager.ts'
import { missingImage, whyNoImage } from './no-image.ts'
import { parseTasks, type Service } from './service.ts'
import type { Verdict } from './verdict.ts'

/** Where an explanation is looked for. */
interface Sources {
  readonly fleet: Pick<Fleet, 'run' | 'inventory'>
  readonly managers: Managers
  readonly look: StackLook
  /** seconds of 1970, by the managers' clock */
  readonly deployed: number
}

const logLines = 12

/** A verdict with the task that says most about it, its node, its error and what it wrote last. */
export async function explained(
  { fleet, managers, look, deployed }: Sources,
  { service, name, verdict }: { service: Service | undefined; name: string; verdict: Verdict },
): Promise<Failure> {
  const plain = {
    service: name,
    kind: verdict.kind === 'rolled back' ? ('rolled back' as const) : ('stuck' as const),
    why: 'why' in verdict ? verdict.why : '',
    log: [],
  }
  if (service === undefined) return plain
  const tasks = parseTasks(await managers.ask(`look at the tasks of ${name}`, allTasks(service.id)))
  const known = verdict.kind === 'stuck' ? verdict.task : undefined
  const task = known ?? tellingTask(tasks, deployed)
  if (task === undefined) return plain
  const node = look.nodes.find(({ id }) => id === task.nodeId)?.hostname
  const image = missingImage(task.error)
  const wrote =
    task.nodeId === '' || image !== undefined
      ? ''
      : await managers.ask(`read what ${name} wrote`, taskLogs(task.id, logLines))
  const log = node === undefined || image === undefined ? [] : await whyNoImage(fleet, node, image)
  const code = task.exitCode === undefined || task.exitCode === 0 ? '' : ` (exit code ${task.exitCode})`
  const error = task.error === '' ? task.state : task.error
  return {
    ...plain,
    task: task.slot === 0 ? name : `${name}.${task.slot}`,
    ...(node === undefined ? {} : { node }),
    error: error.includes('exit') ? error : `${error}${code}`,
    log: [...log, ...wrote.split('\n').filter((line) => line.trim() !== '')],
  }
}
