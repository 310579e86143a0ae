import { StepError } from '../engine/error.ts'
import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import type { Host } from '../inventory/inventory.ts'
import { feed, type Script, sh } from '../script/index.ts'
import type { Failure } from './failure.ts'
import { follow } from './follow.ts'
import type { Managers } from './manager.ts'

/** What a deploy to a swarm works with. */
export interface StackWork {
  readonly fleet: Fleet
  /** those that can be reached, and are locked for it */
  readonly managers: readonly Host[]
  /** without any progress */
  readonly patienceSeconds: number
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** A file that is handed to Docker, and its services, all of which are to run. */
export interface Rollout {
  readonly stack: string
  readonly text: string
  readonly services: readonly string[]
  /** services that the file no longer has are removed */
  readonly prune: boolean
}

/**
 * Hands a file to Docker and follows every service to its end; what did not come to run is given back. Docker may have
 * changed some services before it refuses another: that is a failure like any.
 */
export async function rollOut(
  work: StackWork,
  managers: Managers,
  { stack, text, services, prune }: Rollout,
): Promise<readonly Failure[]> {
  const deployed = await clock(managers)
  try {
    await managers.ask(`deploy ${stack}`, stackDeploy(stack, text, prune), 120)
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    const log = error.stderr.trim().split('\n').slice(-5)
    return [{ service: stack, kind: 'stuck', why: 'Docker refuses what is to be deployed', log }]
  }
  return follow(managers, { ...work, stack, services, deployed })
}

/** Seconds of 1970 by the clock of the manager that is asked. */
export async function clock(managers: Managers): Promise<number> {
  return Number(await managers.ask('look at the clock', sh`date +%s.%N`))
}

/** Digests are fixed already: Docker is to look nothing up, and to send logins along to the nodes that pull. */
function stackDeploy(stack: string, text: string, prune: boolean): Script {
  const words = ['--with-registry-auth', '--resolve-image', 'never', ...(prune ? ['--prune'] : [])]
  return sh`{ base64 -d${feed(text)}} | docker stack deploy ${words} --compose-file - ${stack} >&2`
}

/** Removes a stack and waits until its services are gone: `docker stack rm` gives back before. */
export function removeStack(stack: string): Script {
  const filter = `label=com.docker.stack.namespace=${stack}`
  return sh`docker stack rm ${stack} >/dev/null 2>&1 || :
n=0
while [ -n "$(docker service ls -q --filter ${filter})" ] && [ $n -lt 60 ]; do n=$((n + 1)); sleep 0.5; done
`
}
