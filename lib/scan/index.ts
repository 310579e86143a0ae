export { named } from './exception.ts'
export {
  type Finding,
  type Flaw,
  type Scanned,
  type Severity,
  severities,
  type Unscanned,
} from './finding.ts'
export { type Judged, judge, type Threshold } from './judge.ts'
export type { Wanted } from './look.ts'
export { scanOn } from './scan.ts'
export { type Exception, type ScanVars, scanVars } from './vars.ts'
