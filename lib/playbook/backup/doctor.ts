import { examine, type Finding } from '../../backup/doctor.ts'
import type { Place } from '../../backup/place.ts'
import { QuaysideError } from '../../error.ts'
import type { Run } from '../playbook.ts'
import { columns } from './table.ts'

/** `backup.ts doctor`: a table of what backups and restores need. Throws when anything is not so. */
export async function doctor(run: Run, place: Place): Promise<void> {
  const findings = await examine(place)
  run.emit({ type: 'result', of: 'backup-doctor', data: { store: place.store.name, findings } })
  const bad = findings.filter((each) => !each.ok)
  if (!run.args.has('json')) for (const line of inLines(findings)) run.print(line)
  if (bad.length > 0)
    throw new QuaysideError(`${bad.length} of ${findings.length} things are not as a restore needs them`, {
      hint: 'each has its own hint above',
    })
}

function inLines(findings: readonly Finding[]): readonly string[] {
  const rows = findings.map(({ on, ok, text }) => [ok ? 'ok' : 'NOT OK', on, text])
  return columns(rows).flatMap((line, index) => {
    const hint = findings[index]?.ok === false ? findings[index]?.hint : undefined
    return [...(index === 0 ? [''] : []), line, ...(hint === undefined ? [] : [`        ${hint}`])]
  })
}
