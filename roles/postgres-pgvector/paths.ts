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
} as const
