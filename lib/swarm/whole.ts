import { lines, raw, type Script, sh } from '../script/index.ts'
import { get } from './api.ts'
import { type Node, parseNodes } from './node.ts'
import { parseServices, parseTasks, type Service, type Task } from './service.ts'

/** A service of whatever stack, and what of it is bound to where it runs. */
export interface Resident extends Service {
  /** the stack that it is of; undefined for one that somebody made by hand */
  readonly stack: string | undefined
  /** the named volumes that its tasks write to, and that stay on the node; not of what runs on every node: there each has its own */
  readonly volumes: readonly string[]
}

/** All that runs in a swarm, whoever deployed it. */
export interface Whole {
  /** seconds of 1970, by the manager's clock */
  readonly now: number
  readonly services: readonly Resident[]
  /** those that ended, too, as long as the swarm keeps them */
  readonly tasks: readonly Task[]
  readonly nodes: readonly Node[]
}

const gap = '--quayside-whole--'

/** One round trip to a manager. */
export const lookAtWhole: Script = lines(
  raw('set -e'),
  ...[sh`date +%s.%N`, get('/services'), get('/tasks'), get('/nodes')].flatMap((part) => [
    part,
    sh`echo; echo ${gap}`,
  ]),
)

interface Said {
  readonly Spec: {
    readonly Labels?: Readonly<Record<string, string>>
    readonly TaskTemplate: {
      readonly ContainerSpec?: {
        readonly Mounts?: readonly { readonly Type?: string; readonly Source?: string }[] | null
      }
    }
  }
}

export function parseWhole(stdout: string): Whole {
  const [now = '', services = '[]', tasks = '[]', nodes = '[]'] = stdout.split(`\n${gap}\n`)
  const said = JSON.parse(services) as readonly Said[]
  return {
    now: Number(now.trim()),
    services: parseServices(services).map((service, index) => ({
      ...service,
      stack: said[index]?.Spec.Labels?.['com.docker.stack.namespace'],
      volumes: service.mode.kind === 'global' ? [] : volumesOf(said[index]),
    })),
    tasks: parseTasks(tasks),
    nodes: parseNodes(nodes),
  }
}

function volumesOf(said: Said | undefined): readonly string[] {
  return (said?.Spec.TaskTemplate.ContainerSpec?.Mounts ?? [])
    .filter(({ Type }) => Type === 'volume')
    .map(({ Source }) => Source ?? '')
}

/** Tasks that run and are to go on. */
export function running(tasks: readonly Task[]): readonly Task[] {
  return tasks.filter(({ desired, state }) => desired === 'running' && state === 'running')
}
