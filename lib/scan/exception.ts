import type { Finding } from './finding.ts'
import type { Exception } from './vars.ts'

/** Whether an exception speaks of a finding, whatever the day. */
export function speaksOf(exception: Exception, finding: Finding): boolean {
  const { image } = exception
  if (image !== undefined && image !== finding.image && image !== repositoryOf(finding.image)) return false
  if (finding.kind === 'unscanned') return 'unscanned' in exception
  if ('package' in exception) return exception.package === finding.package
  return 'cve' in exception && finding.ids.includes(exception.cve)
}

/** What an exception is about, as a person would say it. */
export function named(exception: Exception): string {
  const { image } = exception
  const what =
    'package' in exception ? exception.package : 'cve' in exception ? exception.cve : 'what cannot be scanned'
  return image === undefined ? what : `${what} in ${image}`
}

function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
}
