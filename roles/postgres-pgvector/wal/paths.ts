const state = '/var/lib/quayside/wal'
const folder = '/etc/quayside/wal'

/** The archiver's files on the host. `done` is the same path, read-only, in the container. */
export const walPaths = {
  state,
  done: `${state}/done`,
  folder,
  archiver: `${folder}/archiver`,
  settings: `${folder}/settings`,
  credentials: `${folder}/credentials`,
  headers: `${folder}/headers`,
  work: '/run/quayside-wal',
  metrics: '/var/lib/quayside/metrics/wal.prom',
  unit: 'quayside-wal.service',
} as const
