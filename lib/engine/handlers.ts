import type { Script } from '../script/index.ts'
import { lines, raw } from '../script/index.ts'
import type { Course } from './course.ts'
import { pay } from './debt.ts'
import { StepError } from './error.ts'
import type { Tally } from './event.ts'
import type { Session } from './session.ts'

/**
 * Runs the handlers that the host owes, in the order the roles declare them. A debt is struck off in the same script
 * as the handler, once it has succeeded: whatever ends the run before leaves it owed.
 */
export async function runHandlers(
  session: Session,
  handlers: ReadonlyMap<string, Script>,
  tally: Tally,
  course: Course,
): Promise<void> {
  const earlier = new Set(session.earlierDebts)
  const host = session.host.name
  for (const [debt, script] of handlers) {
    if (!session.debts.has(debt)) continue
    course.signal.throwIfAborted()
    const event = { type: 'handler', host, id: debt, debt: earlier.has(debt) } as const
    if (course.check) {
      tally.pending += 1
      course.emit({ ...event, outcome: 'pending', ms: 0 })
      continue
    }
    const role = debt.slice(0, debt.indexOf('/'))
    course.emit({ type: 'applying', host, role, id: `handler ${debt}`, summary: 'run' })
    const started = performance.now()
    const done = await session.change(lines(raw('set -e'), script, pay(debt)), [])
    if (done.stdout !== '' || done.stderr !== '')
      course.emit({ type: 'output', host, id: `handler ${debt}`, stdout: done.stdout, stderr: done.stderr })
    if (done.code !== 0)
      throw new StepError(host, `handler ${debt}`, {
        ...done,
        resource: `handler ${debt}`,
        hint: 'it stays owed: the next run pays it; status.ts lists what is owed',
      })
    session.debts.delete(debt)
    tally.handlers += 1
    course.emit({ ...event, outcome: 'changed', ms: performance.now() - started })
  }
}
