import { QuaysideError } from '../../error.ts'
import { judge, type ScanVars, scanOn, type Threshold } from '../../scan/index.ts'
import type { Run } from '../playbook.ts'
import { thresholdOf } from './flags.ts'
import { type Outcome, tableOf } from './table.ts'
import { merged, type Target } from './targets.ts'

/** scan.ts: scans, tells, and throws where something counts. */
export async function scan(run: Run, targets: readonly Target[]): Promise<void> {
  const started = performance.now()
  const [first] = targets
  if (first === undefined) throw new QuaysideError('there is no image to scan')
  const failOn = thresholdOf(run.args) ?? varsOf(first).scan_fail_on
  const outcomes = await outcomesOf(run, targets, failOn)
  run.emit(resultOf(outcomes, failOn, performance.now() - started))
  if (!run.args.has('json')) for (const line of tableOf(outcomes)) run.print(line)
  const [findings, counting] = counted(outcomes)
  const images = `${outcomes.length} ${outcomes.length === 1 ? 'image' : 'images'}`
  if (counting > 0) throw new QuaysideError(`${counting} of ${findings} findings in ${images} count`)
  run.emit({ type: 'step', text: `${images} scanned: nothing that counts` })
}

/** The variables that passed image-scan's schema; they are the same on every host. */
export function varsOf({ host }: Pick<Target, 'host'>): ScanVars {
  return host.vars as unknown as ScanVars
}

/** All of it at once, host by host, and in the order of the targets. */
export async function outcomesOf(
  { fleet, signal }: Run,
  targets: readonly Target[],
  failOn: Threshold,
): Promise<readonly Outcome[]> {
  const today = new Date().toISOString().slice(0, 10)
  const found = await Promise.all(
    merged(targets).map(async ({ host, images }) => {
      const vars = varsOf({ host })
      const reports = await scanOn(fleet, host, images, vars, signal)
      return reports.map((scanned) => ({
        scanned,
        judged: judge(scanned.findings, vars.scan_ignore, failOn, today),
      }))
    }),
  )
  return found.flat()
}

/** How many findings there are, and how many of them count. */
export function counted(outcomes: readonly Outcome[]): readonly [all: number, counting: number] {
  const judged = outcomes.flatMap((each) => each.judged)
  return [judged.length, judged.filter(({ verdict }) => verdict === 'counts').length]
}

/** What stands in the data of the `result` event: result-scan in docs/schemas/events.schema.json. */
export function resultOf(outcomes: readonly Outcome[], failOn: Threshold, ms: number) {
  const images = outcomes.map(({ scanned, judged }) => ({
    ...scanned,
    findings: judged.map(({ finding, verdict, exception, expired }) => ({
      ...finding,
      verdict,
      ...(exception === undefined
        ? {}
        : { exception: { until: exception.until, why: exception.why, ended: expired } }),
    })),
  }))
  const [findings, counting] = counted(outcomes)
  return {
    type: 'result',
    of: 'scan',
    data: { ms: Math.round(ms), failOn, counting, findings, images },
  } as const
}
