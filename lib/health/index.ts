export { backupFindings } from './backups.ts'
export { certificateCheck, rootsOf } from './certificate.ts'
export {
  type Check,
  type Examination,
  type Finding,
  type Layer,
  layers,
  type Seen,
  type Verdict,
} from './check.ts'
export { containersCheck, type Expected } from './containers.ts'
export { type Deployed, isSpare, lookAround, servedRelease } from './deployed.ts'
export { diskCheck } from './disk.ts'
export { examine } from './examine.ts'
export { type Answer, said } from './gather.ts'
export { hostCheck } from './host.ts'
export { healthMetrics } from './metrics.ts'
export { portCheck } from './port.ts'
export { debtsCheck, edgeCheck, heldColours, lockCheck } from './state.ts'
export { archiverCheck } from './wal.ts'
export { redirectCheck, webCheck } from './web.ts'
