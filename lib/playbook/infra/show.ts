import type { Doing } from '../../infra/changes.ts'
import { told } from '../../infra/failure.ts'
import type { Plan } from '../../infra/plan.ts'
import { type PlanLine, planLines, summary } from '../../infra/plan-lines.ts'
import type { Style } from '../../report/style.ts'
import type { Task } from './command.ts'

const styles: Readonly<Record<Doing, Style>> = {
  make: 'green',
  change: 'yellow',
  replace: 'red',
  destroy: 'red',
  forget: 'yellow',
  import: 'cyan',
  move: 'cyan',
}

export function printLines({ life: { paint, print } }: Task, lines: readonly PlanLine[]): void {
  for (const { doing, text } of lines) print(text.startsWith(' ') ? text : paint(styles[doing], text))
}

/** A plan as a person reads it, and what Terraform warns of. */
export function showPlan(task: Task, { changes, warnings }: Plan): void {
  const { args, life } = task
  for (const warning of warnings) life.print(`${life.paint('yellow', 'warning:')} ${told(warning)}`)
  printLines(task, planLines(changes, args.count('verbose') > 0))
  life.print(`${task.env}: ${summary(changes.things) || 'only outputs change'}`)
}
