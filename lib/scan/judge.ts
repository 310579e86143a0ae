import { speaksOf } from './exception.ts'
import { type Finding, severities } from './finding.ts'
import type { Exception, ScanVars } from './vars.ts'

/** From where on a finding counts. */
export type Threshold = ScanVars['scan_fail_on']

export type Verdict = 'counts' | 'ignored' | 'below'

/** A finding, and what is made of it. */
export interface Judged {
  readonly finding: Finding
  readonly verdict: Verdict
  /** by which it is ignored, or would be, had it not ended */
  readonly exception: Exception | undefined
  readonly expired: boolean
}

/** Holds findings against the exceptions and the threshold. `today` is a day in UTC: "2026-11-27". */
export function judge(
  findings: readonly Finding[],
  exceptions: readonly Exception[],
  threshold: Threshold,
  today: string,
): readonly Judged[] {
  return findings.map((finding) => {
    const about = exceptions.filter((each) => speaksOf(each, finding))
    const holds = about.find(({ until }) => until >= today)
    if (holds !== undefined) return { finding, verdict: 'ignored', exception: holds, expired: false }
    const verdict = reaches(finding, threshold) ? 'counts' : 'below'
    return { finding, verdict, exception: about[0], expired: about.length > 0 }
  })
}

/** Of unknown severity is what nobody has judged: it is not for us to call it mild. */
function reaches(finding: Finding, threshold: Threshold): boolean {
  if (finding.kind === 'unscanned') return true
  if (threshold === 'fix') return finding.fixed !== undefined
  if (finding.severity === 'unknown') return true
  return severities.indexOf(finding.severity) >= severities.indexOf(threshold)
}
