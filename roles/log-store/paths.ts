const folder = '/etc/quayside/log-store'

export const paths = {
  folder,
  config: `${folder}/rsyslog.conf`,
  authority: `${folder}/ca.crt`,
  certificate: `${folder}/store.crt`,
  key: `${folder}/store.key`,
  retention: `${folder}/retention.sh`,
  state: '/var/lib/quayside-logs',
  unit: 'quayside-log-store.service',
  retentionUnit: 'quayside-log-retention.service',
  retentionTimer: 'quayside-log-retention.timer',
  user: 'quayside-logs',
} as const

/** The journal that is the store's alone, and journald's settings for it. */
export const namespace = 'quayside-logs'
export const journal = {
  config: `/etc/systemd/journald@${namespace}.conf`,
  unit: `systemd-journald@${namespace}.service`,
} as const
