import { ConnectionError } from '../connection/error.ts'
import { messageOf } from '../error.ts'
import type { Change, Confirm } from '../resource/resource.ts'
import { StepError } from './error.ts'
import type { Session } from './session.ts'
import type { Task } from './task.ts'

/** How long the host has for taking a change back, over a connection that may be dead by then. */
const undoSeconds = 30

/**
 * Sees over a new connection that a change may stay. Where none can be had, or the host does not agree, the change is
 * taken back over the old one, and that is the failure. A run that is interrupted meanwhile takes it back, too.
 */
export async function confirm(
  { own, on, task, change }: { own: Session; on: Session; task: Task; change: Change },
  how: Confirm,
): Promise<StepError | undefined> {
  const { id } = task.resource
  const failure = async (why: string, more: { stderr?: string; hint?: string }) =>
    new StepError(own.host.name, `${id}: ${change.summary}`, {
      ...more,
      why: `${why}; ${(await undone(on, how)) ? 'the change was taken back' : how.otherwise}`,
      resource: id,
    })
  try {
    const { code, stderr } = await on.anew(how.script)
    return code === 0 ? undefined : await failure('it could not be confirmed', { stderr })
  } catch (error) {
    if (error instanceof ConnectionError && error.reason !== 'interrupted')
      return failure(`no new connection could be had after it: ${messageOf(error)}`, {
        hint: 'look at what the change does to the way to this host, mend it and run again',
      })
    await undone(on, how)
    throw error
  }
}

async function undone(on: Session, { undo }: Confirm): Promise<boolean> {
  return on.connection.run(undo, { timeoutSeconds: undoSeconds }).then(
    ({ code }) => code === 0,
    () => false,
  )
}
