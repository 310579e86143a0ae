/** The server's files: the same path on the host and, read-only, in the container. */
const folder = '/etc/quayside/postgres'

export const paths = {
  folder,
  config: `${folder}/postgresql.conf`,
  clients: `${folder}/pg_hba.conf`,
  archiveCommand: `${folder}/archive-wal`,
  superuserPassword: `${folder}/superuser-password`,
  data: '/var/lib/postgresql/data',
  socket: '/var/run/postgresql',
  /** where a disk of its own is mounted on the host, with postgres_data_device */
  disk: '/srv/postgres',
  /** in a directory of the disk, which is not there while the disk is not: a server never begins anew beside its data */
  dataOnDisk: '/srv/postgres/data',
} as const

/** Docker's name of the data. */
export const volume = 'postgres-data'
