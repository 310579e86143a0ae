/** From the mildest to the worst. */
export const severities = ['low', 'medium', 'high', 'critical'] as const

/** `unknown` where the scanner's source says none: Debian's suites do not. */
export type Severity = (typeof severities)[number] | 'unknown'

/** A package of an image with a known flaw, or with a security fix that it lacks. */
export interface Flaw {
  readonly kind: 'flaw'
  /** as it was asked for */
  readonly image: string
  readonly package: string
  readonly installed: string
  /** undefined: nobody has fixed it yet */
  readonly fixed: string | undefined
  /** where it is known from: "bookworm-security", or trivy's target, "python-pkg" */
  readonly source: string
  /** CVE-2026-1234, …; none where the source names none */
  readonly ids: readonly string[]
  readonly severity: Severity
}

/** An image of which nothing is known: never to be taken for a clean one. */
export interface Unscanned {
  readonly kind: 'unscanned'
  readonly image: string
  readonly why: string
}

export type Finding = Flaw | Unscanned

/** What a scanner says of one image. */
export interface Scanned {
  readonly image: string
  /** repository@sha256:…, or the engine's own id of an image that no registry has */
  readonly digest: string
  readonly host: string
  readonly by: 'trivy' | 'debian'
  /** what it was held against: "bookworm-security of 2026-11-25T02:22:30Z"; "" where it was held against nothing */
  readonly against: string
  readonly findings: readonly Finding[]
}
