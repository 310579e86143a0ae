import type { Play, Serial } from './play.ts'

/** The hosts of a play in batches, in order: the last entry of a growing list repeats until all have had their turn. */
export function batchesOf<T>(hosts: readonly T[], serial: Play['serial']): readonly (readonly T[])[] {
  if (serial === undefined || hosts.length === 0) return hosts.length === 0 ? [] : [hosts]
  const steps = Array.isArray(serial) ? serial : [serial]
  if (steps.length === 0) throw new TypeError('serial is an empty list')
  const batches: (readonly T[])[] = []
  let from = 0
  for (let turn = 0; from < hosts.length; turn += 1) {
    const size = sizeOf(steps[Math.min(turn, steps.length - 1)] as Serial, hosts.length)
    batches.push(hosts.slice(from, from + size))
    from += size
  }
  return batches
}

/** A share is rounded down, as Ansible does, but is one host at least. */
function sizeOf(step: Serial, total: number): number {
  const size = typeof step === 'number' ? step : Math.floor((Number(step.slice(0, -1)) / 100) * total)
  if (
    !Number.isFinite(size) ||
    size < 0 ||
    (typeof step === 'number' && (!Number.isInteger(step) || step < 1))
  )
    throw new TypeError(`serial must be a number of hosts or a share like "30%": ${JSON.stringify(step)}`)
  return Math.max(1, size)
}

/** Why a play stops after a failure; undefined when it goes on with its other hosts. */
export function stopsPlay(
  play: Play,
  batch: { readonly size: number; readonly failed: number },
): string | undefined {
  const { failed, size } = batch
  if (failed === 0) return undefined
  if (play.anyErrorsFatal === true) return 'any error is fatal to this play'
  if (play.maxFailPercentage !== undefined && (failed / size) * 100 > play.maxFailPercentage)
    return `${failed} of ${size} hosts failed, more than ${play.maxFailPercentage} %`
  // As in Ansible: what broke a whole batch would break the next one, too.
  return play.serial !== undefined && failed === size ? 'every host of the batch failed' : undefined
}
