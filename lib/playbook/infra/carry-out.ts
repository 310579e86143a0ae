import { exit, QuaysideError, UsageError } from '../../error.ts'
import { applyPlan } from '../../infra/apply.ts'
import type { Change } from '../../infra/changes.ts'
import { digestOf, isEmpty, makePlan, type Plan, type Wanted } from '../../infra/plan.ts'
import { summary } from '../../infra/plan-lines.ts'
import { Progress } from '../../infra/progress.ts'
import { agreed } from '../agree.ts'
import { terminal } from '../prompt.ts'
import type { Task } from './command.ts'
import type { Session } from './session.ts'
import { showPlan } from './show.ts'

/** Refuses, before anything is begun, where there is nobody to ask. */
export function checkCanAsk({ args }: Task, what: string): void {
  if (!args.has('yes') && terminal() === undefined)
    throw new UsageError(
      `${what} asks before it changes anything: there is no terminal`,
      '--yes applies without asking',
    )
}

/**
 * Plans, shows the plan, asks, and applies exactly that plan. Gives true where all is as the configuration says, false
 * where a person said no. Throws a QuaysideError where it was refused, or failed.
 * @param question "apply this to staging?"
 */
export async function carryOut(session: Session, mode: Wanted['mode'], question: string): Promise<boolean> {
  const { task, terraform, watch } = session
  const { args, env, life } = task
  const wanted = { ...session.wanted, mode }
  const plan = await makePlan(terraform, wanted, watch)
  checkExpected(plan, args.text('expect'))
  checkNamed(plan.changes.things, args.texts('destroy-data'))
  if (isEmpty(plan.changes)) {
    life.print(`${env}: nothing to change`)
    return true
  }
  showPlan(task, plan)
  checkData(plan.changes.things, args.texts('destroy-data'))
  if (!args.has('yes') && (await agreed(question, life.signal)) !== true) {
    life.print('nothing was changed')
    return false
  }
  const progress = new Progress()
  const began = Date.now()
  try {
    await applyPlan(terraform, plan, wanted, { ...watch, progress })
  } catch (error) {
    life.print(`${env}: ${progress.said}`)
    if (life.signal.aborted)
      life.print(
        `${terraform.program} has ended what it could; the state has what was done, and is locked no longer`,
      )
    else life.print('the state has what was done: the next plan goes on from there')
    throw error
  }
  const seconds = Math.round((Date.now() - began) / 1000)
  life.print(
    `${env}: ${summary(plan.changes.things).replaceAll(/\b(is|are) /g, '') || 'outputs changed'} in ${seconds} s`,
  )
  return true
}

/** An exit code for what carryOut gives. */
export const codeOf = (isDone: boolean): number => (isDone ? exit.done : exit.pending)

function checkExpected({ changes }: Plan, expected: string | undefined): void {
  if (expected === undefined || (digestOf(changes) === expected && !isEmpty(changes))) return
  throw new QuaysideError(
    isEmpty(changes)
      ? `--expect ${expected}: there is nothing to change any more`
      : `this plan is number ${digestOf(changes)}, not ${expected}: it reads otherwise than the one that was agreed to`,
    { hint: 'infra.ts plan shows it; nothing was changed' },
  )
}

const isLost = ({ doing }: Change) => doing === 'destroy' || doing === 'replace'

/** A name that is wrong is told: the one that it was meant for would be refused anyway. */
function checkNamed(things: readonly Change[], named: readonly string[]): void {
  const lost = things.filter(isLost).map(({ address }) => address)
  const wrong = named.filter((address) => !lost.includes(address))
  if (wrong.length > 0)
    throw new UsageError(
      `--destroy-data: this plan does not destroy ${wrong.join(', ')}`,
      lost.length === 0 ? 'it destroys nothing' : `it destroys ${lost.join(', ')}`,
    )
}

function checkData(things: readonly Change[], named: readonly string[]): void {
  const lost = things.filter(({ address, losesData }) => losesData && !named.includes(address))
  if (lost.length === 0) return
  throw new QuaysideError(
    [
      `refused: ${lost.length === 1 ? 'this holds data that would be lost' : 'these hold data that would be lost'}`,
      ...lost.map(
        ({ address, doing }) => `    ${address} (${doing === 'replace' ? 'replaced' : 'destroyed'})`,
      ),
    ].join('\n'),
    {
      hint: `whoever means it names each: ${lost.map(({ address }) => `--destroy-data '${address}'`).join(' ')}`,
    },
  )
}
