import type { Scanned } from './finding.ts'
import type { Looked } from './look.ts'
import type { Place } from './place.ts'
import type { ScanVars } from './vars.ts'

/** What knows flaws of packages. */
export interface Scanner {
  readonly name: Scanned['by']
  /** Scans images that a host has. Throws where it cannot tell, for want of lists for example: never a clean report. */
  scan(place: Place, images: readonly Looked[], vars: ScanVars): Promise<readonly Scanned[]>
}
