export { absentAptKey, absentAptRepository, aptKey, aptKeyring, aptRepository } from './apt-repository.ts'
export type { AptSource } from './apt-source.ts'
export { absentArchive, archive } from './archive.ts'
export type { Account } from './argument.ts'
export { assertThat } from './assert.ts'
export { absentAuthorizedKey, authorizedKey, authorizedKeys } from './authorized-keys.ts'
export { command } from './command.ts'
export { absentComposeProject, composeProject } from './compose.ts'
export { absentContainer, type ContainerOptions, container } from './container.ts'
export { awaitHealthy, removeContainer, replaceContainer } from './container-script.ts'
export type { ContainerSpec, HealthCheck, Mount, Port } from './container-spec.ts'
export { cron } from './cron.ts'
export { absentDirectory, directory } from './directory.ts'
export { absentDockerNetwork, dockerNetwork } from './docker-network.ts'
export { dockerVolume } from './docker-volume.ts'
export { download } from './download.ts'
export { fetchFile } from './fetch.ts'
export { absentFile, file } from './file.ts'
export { filesystem } from './filesystem.ts'
export { absentFirewall, type FirewallOptions, firewall } from './firewall.ts'
export type { FirewallRule } from './firewall-rule.ts'
export { gitCheckout } from './git-checkout.ts'
export { absentGroup, group } from './group.ts'
export { reloadService, restartContainer, restartService, signalContainer } from './handler.ts'
export { hostname } from './hostname.ts'
export { image } from './image.ts'
export { type JournaldSettings, journald } from './journald.ts'
export { absentLine, lineInFile } from './line.ts'
export { link } from './link.ts'
export { type LocalTree, localTree } from './local-tree.ts'
export {
  delegatedTo,
  detached,
  type ResourceManner,
  retried,
  runOnce,
  tagged,
  throttled,
  timedOut,
} from './manner.ts'
export { absentMount, mount } from './mount.ts'
export { absentPackages, packages } from './package.ts'
export { identifier, literal, type PostgresServer, psql } from './postgres.ts'
export { postgresDatabase } from './postgres-database.ts'
export { postgresExtension } from './postgres-extension.ts'
export { postgresUser } from './postgres-user.ts'
export { reboot } from './reboot.ts'
export {
  type Change,
  type Common,
  type Confirm,
  Conflict,
  type Plan,
  type Probed,
  type Resource,
  resource,
  type Unchanged,
  type Unknown,
  unchanged,
  unknown,
} from './resource.ts'
export { service } from './service.ts'
export { absentSwap, swap } from './swap.ts'
export { type SyncDirectoryOptions, syncDirectory } from './sync-directory.ts'
export { sysctl } from './sysctl.ts'
export { absentSystemdDropIn, absentSystemdUnit } from './systemd-absent.ts'
export { systemdDropIn } from './systemd-drop-in.ts'
export { systemdTimer, systemdUnit } from './systemd-unit.ts'
export { template } from './template.ts'
export { timezone } from './timezone.ts'
export { execLine, type UnitContent, type UnitSection, type UnitSections } from './unit-text.ts'
export { absentUser, user } from './user.ts'
export { waitForFile } from './wait-file.ts'
export { waitForHttp } from './wait-http.ts'
export { waitForPort } from './wait-port.ts'
