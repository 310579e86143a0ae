import { lines, raw, type Script, sh } from '../script/index.ts'
import { get } from './api.ts'
import { type Node, parseNodes } from './node.ts'
import { parseServices, parseTasks, type Service, type Task } from './service.ts'

/** All that is known of a stack at one moment. */
export interface StackLook {
  /** seconds of 1970, by the manager's clock */
  readonly now: number
  readonly services: readonly Service[]
  /** tasks that are as their service now says */
  readonly tasks: readonly Task[]
  readonly nodes: readonly Node[]
}

const gap = '--quayside-look--'

function filters(each: Readonly<Record<string, readonly string[]>>): string {
  return `?filters=${encodeURIComponent(JSON.stringify(each))}`
}

/** One round trip to a manager. */
export function lookAtStack(stack: string): Script {
  const label = [`com.docker.stack.namespace=${stack}`]
  const parts = [
    sh`date +%s.%N`,
    get(`/services${filters({ label })}`),
    // What `docker service update` itself asks by: the swarm compares a task with its service.
    get(`/tasks${filters({ label, '_up-to-date': ['true'] })}`),
    get('/nodes'),
  ]
  return lines(raw('set -e'), ...parts.flatMap((part) => [part, sh`echo; echo ${gap}`]))
}

export function parseLook(stdout: string): StackLook {
  const [now = '', services = '[]', tasks = '[]', nodes = '[]'] = stdout.split(`\n${gap}\n`)
  return {
    now: Number(now.trim()),
    services: parseServices(services),
    tasks: parseTasks(tasks),
    nodes: parseNodes(nodes),
  }
}

/** Every task of a service, those of earlier specs too: to say why an update was taken back. */
export function allTasks(serviceId: string): Script {
  return get(`/tasks${filters({ service: [serviceId] })}`)
}

/** The last lines that a task wrote. A node that is gone would be waited for without an end. */
export function taskLogs(taskId: string, count: number): Script {
  return sh`timeout 8 docker service logs --raw --tail ${count} ${taskId} 2>&1 || :`
}

/** Has a service's tasks made anew, as its update order says. */
export function placeAnew(serviceId: string): Script {
  return sh`docker service update --force --detach ${serviceId} >/dev/null`
}
