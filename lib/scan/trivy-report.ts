import { QuaysideError } from '../error.ts'
import { type Finding, type Severity, severities } from './finding.ts'

/** What of trivy's report is read: `trivy image --format json`, its schema's version 2. */
interface Report {
  readonly SchemaVersion?: unknown
  readonly Metadata?: {
    readonly OS?: { readonly Family?: string; readonly Name?: string; readonly EOSL?: boolean }
  }
  readonly Results?: readonly Result[]
}

interface Result {
  readonly Target?: string
  readonly Class?: string
  readonly Type?: string
  readonly Vulnerabilities?: readonly Vulnerability[]
}

interface Vulnerability {
  readonly VulnerabilityID: string
  readonly PkgName: string
  readonly InstalledVersion: string
  readonly FixedVersion?: string
  readonly Severity?: string
}

/** The findings of a report, and what the image was held against. Throws at what is no such report. */
export function parseTrivy(
  text: string,
  image: string,
): { readonly against: string; readonly findings: readonly Finding[] } {
  const { Metadata, Results = [] } = reportIn(text, image)
  const os = Metadata?.OS
  const name = `${os?.Family ?? ''} ${os?.Name ?? ''}`.trim()
  const flaws = Results.flatMap((result) =>
    (result.Vulnerabilities ?? []).map((each): Finding => flawOf(each, result, image)),
  )
  const why =
    Results.length === 0
      ? 'trivy found no packages in it that it knows'
      : os?.EOSL === true
        ? `it is ${name}, which gets no security fixes any more`
        : undefined
  const findings: Finding[] = why === undefined ? flaws : [...flaws, { kind: 'unscanned', image, why }]
  return { against: `trivy's database${name === '' ? '' : ` for ${name}`}`, findings }
}

function flawOf(each: Vulnerability, { Class, Type }: Result, image: string): Finding {
  const severity = each.Severity?.toLowerCase() ?? ''
  return {
    kind: 'flaw',
    image,
    package: each.PkgName,
    installed: each.InstalledVersion,
    fixed: each.FixedVersion === undefined || each.FixedVersion === '' ? undefined : each.FixedVersion,
    source: Type ?? Class ?? 'trivy',
    ids: [each.VulnerabilityID],
    severity: isSeverity(severity) ? severity : 'unknown',
  }
}

function isSeverity(word: string): word is Severity {
  return severities.some((each) => each === word)
}

function reportIn(text: string, image: string): Report {
  const refuse = (why: string, cause?: unknown) =>
    new QuaysideError(`trivy's report on ${image} ${why}`, cause === undefined ? {} : { cause })
  let report: unknown
  try {
    report = JSON.parse(text)
  } catch (error) {
    throw refuse('is no JSON', error)
  }
  if (typeof report !== 'object' || report === null) throw refuse('is no object')
  const { SchemaVersion, Results } = report as Report
  if (SchemaVersion !== 2)
    throw refuse(`has version ${String(SchemaVersion)} of its schema, where 2 is known`)
  if (Results !== undefined && Results !== null && !(Array.isArray(Results) && Results.every(isResult)))
    throw refuse('has results of another shape than is known')
  return { ...(report as Report), Results: Results ?? [] }
}

function isResult(value: unknown): value is Result {
  if (typeof value !== 'object' || value === null) return false
  const { Vulnerabilities } = value as { Vulnerabilities?: unknown }
  if (Vulnerabilities === undefined || Vulnerabilities === null) return true
  return (
    Array.isArray(Vulnerabilities) &&
    Vulnerabilities.every((each: Partial<Record<keyof Vulnerability, unknown>> | null) =>
      [each?.VulnerabilityID, each?.PkgName, each?.InstalledVersion].every(
        (word) => typeof word === 'string',
      ),
    )
  )
}
