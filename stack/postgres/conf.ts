import {
  connections,
  disks,
  inGroups,
  logging,
  writeAhead,
} from '../../roles/postgres-pgvector/postgresql-conf.ts'

/** postgresql.conf but for what depends on the container's memory and processors, which start.sh adds. */
export function postgresConf(): string {
  const sockets = { ...connections, unix_socket_directories: '/var/run/postgresql' }
  return `# Sizes of memory, workers and connections stand on the command line: start.sh works them out.\n${inGroups([sockets, disks, writeAhead, logging])}`
}
