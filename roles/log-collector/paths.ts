const folder = '/etc/quayside/log-collector'
const state = '/var/lib/quayside/log-collector'

export const paths = {
  folder,
  config: `${folder}/rsyslog.conf`,
  authority: `${folder}/ca.crt`,
  certificate: `${folder}/collector.crt`,
  key: `${folder}/collector.key`,
  prepare: `${folder}/prepare.sh`,
  settle: `${folder}/settle.sh`,
  state,
  names: `${state}/names.json`,
  unit: 'quayside-log-collector.service',
  /** Docker's own: a folder a container */
  containers: '/var/lib/docker/containers',
} as const
