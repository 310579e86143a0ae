import { sh } from '../script/index.ts'
import { sha256 } from './content.ts'
import { type Change, type Plan, type Unchanged, unchanged } from './resource.ts'
import { inOrder, type UnitStep } from './service.ts'
import { type UnitFile, verdict } from './unit-verify.ts'

/**
 * A plan that puts a file of systemd in place, has systemd read it in the same step, and goes on with `further`. A run
 * that was cut off in between is seen by NeedDaemonReload. `lacks` is what `further` needs and the host has not.
 */
export function planPlacement(
  unit: UnitFile,
  inPlace: Change | Unchanged,
  found: ReadonlyMap<string, string>,
  further: readonly UnitStep[] = [],
  lacks?: string,
): Plan {
  const fresh = inPlace.kind === 'change' ? inPlace : undefined
  const isNew = fresh !== undefined && found.get('sha256') !== sha256(unit.text)
  const judged = isNew ? verdict(unit, found) : {}
  const steps: UnitStep[] = [...further]
  const reload = sh`systemctl daemon-reload`
  if (fresh !== undefined) steps.unshift([fresh.summary, sh`${fresh.apply}${reload}`])
  else if (found.get('NeedDaemonReload') === 'yes') steps.unshift(['daemon-reload', reload])
  if (steps.length === 0) return unchanged
  const missing = lacks ?? judged.lacks ?? fresh?.lacks
  return {
    kind: 'change',
    summary: steps.map(([what]) => what).join(', '),
    ...(fresh?.diff === undefined ? {} : { diff: fresh.diff }),
    apply: inOrder(steps),
    ...(missing === undefined ? {} : { lacks: missing }),
  }
}
