/** Where a schedule is on its host. A job's name has no "-", so what follows the last one is the job. */
export const folders = {
  config: '/etc/quayside/schedule',
  state: '/var/lib/quayside/schedule',
  logs: '/var/log/quayside',
} as const

/** what runs a job */
export const program = '/usr/local/lib/quayside/run-job'

export const paths = {
  config: (env: string, job: string) => `${folders.config}/${env}-${job}.conf`,
  environment: (env: string) => `${folders.config}/${env}.env`,
  log: (env: string, job: string) => `${folders.logs}/${env}-${job}.log`,
  rotation: (env: string) => `/etc/logrotate.d/quayside-schedule-${env}`,
} as const

/** Names of the units and of the lines of cron. */
export const unitOf = (env: string, job: string) => `quayside-${env}-${job}`
/** what looks after a boot whether a run was missed */
export const missedOf = (env: string, job: string) => `${unitOf(env, job)}-missed`
