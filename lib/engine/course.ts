import type { Change } from '../resource/resource.ts'
import type { Emit } from './event.ts'
import type { Once } from './once.ts'
import type { PlannedStep, SavedPlan } from './saved-plan.ts'
import type { Session } from './session.ts'
import type { Throttle } from './throttle.ts'

/** What a person says to a change under --step. */
export type Answer = 'yes' | 'no' | 'all'

/** How the run as a whole goes: the same for every play. */
export interface Course {
  readonly check: boolean
  readonly emit: Emit
  /** aborted when the run is to stop: what runs on a host is let finish, nothing new is begun */
  readonly signal: AbortSignal
  /** asked before each change, under --step */
  readonly confirm?: (host: string, id: string, change: Change) => Promise<Answer>
  /** the plan that is to be applied exactly */
  readonly plan?: SavedPlan
  /** told what is planned for each resource, in order by host */
  readonly record?: (step: PlannedStep) => void
}

/** What the hosts of a play share while it is played. */
export interface PlayCourse extends Course {
  readonly once: Once
  readonly throttle: Throttle
  /** the session of the host that a resource is delegated to */
  readonly sessionOf: (host: string) => Promise<Session>
  /** why the play has stopped; undefined while it goes on */
  readonly stopped: () => string | undefined
}

/** A host stops here since its play has stopped; nothing failed on it. */
export class LeftOut extends Error {}
