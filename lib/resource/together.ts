import { lines, raw, type Script, sh } from '../script/index.ts'
import { type Change, type Plan, type Resource, resource, unchanged } from './resource.ts'

/**
 * Resources that need nothing of one another, looked at and changed at the same time on a host: images that are fetched from
 * elsewhere. Not what takes a processor each, as containers that start beside others that serve. One resource to the engine: a line in the output, and where
 * one of them fails the others are brought to their end before the run stops. Those that restart the host, ask for a
 * confirmation, fetch a file or owe their handlers by themselves cannot be in it.
 */
export function together(id: string, parts: readonly Resource[]): Resource {
  const special = parts.find((part) => part.here !== undefined || part.manner !== undefined)
  if (special !== undefined) throw new TypeError(`${special.id} cannot be changed together with others`)
  const notify = [...new Set(parts.flatMap((part) => part.notify ?? []))]
  return resource({
    id,
    probe: lines(...parts.map(probeOf)),
    read: ({ stdout }) => stdout.split(`${end}\n`),
    plan: (found) =>
      planAll(
        parts,
        parts.map((part, index) => part.plan({ stdout: found[index] ?? '', stderr: '', code: 0 })),
      ),
    ...(notify.length === 0 ? {} : { notify }),
  })
}

const end = '--quayside-part--'

/** What cannot be looked at is the end of the whole look, with its code and what it said. */
function probeOf({ probe }: Resource): Script {
  return sh`( ${probe}
) || exit $?
echo ${end}`
}

function planAll(parts: readonly Resource[], plans: readonly Plan[]): Plan {
  const changes: [string, Change][] = []
  for (const [index, plan] of plans.entries()) {
    if (plan.kind === 'unknown') return plan
    if (plan.kind === 'change') changes.push([parts[index]?.id ?? '', plan])
  }
  if (changes.length === 0) return unchanged
  for (const [id, each] of changes)
    if (each.owesItself || each.confirm || each.receive || each.restartSeconds !== undefined)
      throw new TypeError(`${id} cannot be changed together with others`)
  const all = changes.map(([, change]) => change)
  const lacks = all.find((change) => change.lacks !== undefined)?.lacks
  const diff = changes.flatMap(([id, change]) => (change.diff ? [`@@ ${id} @@\n${change.diff}`] : []))
  return {
    kind: 'change',
    summary: changes.map(([id, { summary }]) => `${id}: ${summary}`).join(', '),
    ...(diff.length === 0 ? {} : { diff: diff.join('\n') }),
    ...(lacks === undefined ? {} : { lacks }),
    ...(all.some((change) => change.unverifiable) ? { unverifiable: true } : {}),
    apply: atOnce(all.map(({ apply }) => apply)),
    timeoutSeconds: Math.max(...all.map(({ timeoutSeconds = 600 }) => timeoutSeconds)),
  }
}

/** Each in a shell of its own; all are waited for, and one that failed makes it fail. */
function atOnce(scripts: readonly Script[]): Script {
  return lines(
    raw('pids= failed='),
    ...scripts.map(
      (script) => sh`( set -e
${script}
) &
pids="$pids $!"`,
    ),
    raw('for each in $pids; do wait "$each" || failed=yes; done'),
    raw('[ -z "$failed" ]'),
  )
}
