import { UsageError } from '../error.ts'
import type { Finding } from './finding.ts'
import type { Exception } from './vars.ts'

/** Throws at exceptions that say of no finding, or of several kinds, that it does not count, or a day that there is not. */
export function demandExceptions(exceptions: readonly Exception[]): void {
  exceptions.forEach((each, index) => {
    const what = [each.package, each.cve, each.unscanned].filter((one) => one !== undefined)
    const at = `scan_ignore, its ${index + 1}. entry`
    if (what.length !== 1)
      throw new UsageError(`${at}: it needs one of package, cve and unscanned`, 'image may stand beside it')
    const day = new Date(`${each.until}T00:00:00Z`)
    if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== each.until)
      throw new UsageError(`${at}: there is no day ${each.until}`)
  })
}

/** Whether an exception speaks of a finding, whatever the day. */
export function speaksOf(exception: Exception, finding: Finding): boolean {
  const { image } = exception
  if (image !== undefined && image !== finding.image && image !== repositoryOf(finding.image)) return false
  if (finding.kind === 'unscanned') return exception.unscanned === true
  const { cve } = exception
  if (exception.package !== undefined) return exception.package === finding.package
  return cve !== undefined && finding.ids.includes(cve)
}

/** What an exception is about, as a person would say it. */
export function named({ package: name, cve, image }: Exception): string {
  const what = name ?? cve ?? 'what cannot be scanned'
  return image === undefined ? what : `${what} in ${image}`
}

function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
}
