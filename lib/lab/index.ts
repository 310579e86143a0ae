export { type BuildOptions, buildImage, type Image } from './build.ts'
export { type HostStatus, type Lab, type LabHost, labDown, labReset, labStatus, labUp } from './lab.ts'
export { ensureStandIns, type StandIn, type StandInName, standInNames, standInReference } from './standins.ts'
export { registryName } from './topology.ts'
