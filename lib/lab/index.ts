export { type BuildOptions, buildImage, type Image } from './build.ts'
export {
  type HostStatus,
  type Lab,
  type LabHost,
  labDown,
  labReset,
  labStatus,
  labUp,
  swarmReset,
} from './lab.ts'
export { ensureStandIns, type StandIn, type StandInName, standInNames, standInReference } from './standins.ts'
export { type LabName, labs, registryName } from './topology.ts'
