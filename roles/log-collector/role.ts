import { role } from '../../lib/engine/role.ts'
import { exit, QuaysideError } from '../../lib/error.ts'
import {
  command,
  directory,
  execLine,
  file,
  restartService,
  systemdUnit,
  template,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { storeOf } from '../log-store/store-of.ts'
import { acceptsConfig, rsyslog, rsyslogd } from '../rsyslog.ts'
import { paths } from './paths.ts'
import { prepare, settle } from './prepare.ts'
import { collectorConf } from './rsyslog-conf.ts'
import { logCollectorVars } from './schema.ts'

const notify = 'restart the log collector'

export const logCollector = role({
  name: 'log-collector',
  about: 'What all containers say goes to the log store, whatever happens to them afterwards',
  vars: logCollectorVars,
  resources: ({ vars, host, groupIfAny }) => {
    const store = storeOf(groupIfAny('logs'))
    if (store === undefined) return []
    const { log_ca: authority, log_collector_certificate: certificate, log_collector_key: key } = vars
    if (authority === undefined || certificate === undefined || key === undefined)
      throw new QuaysideError(
        `${host.name}: ${store.name} keeps logs, and nothing says by which certificate it is to know ${host.name}`,
        {
          hint: 'set log_ca, log_collector_certificate and log_collector_key: docs/logs.md has an example',
          exitCode: exit.usage,
        },
      )
    return [
      // The store's host has it by the store's role.
      ...(store.name === host.name ? [] : rsyslog),
      directory(paths.folder),
      directory(paths.state, { mode: 0o700 }),
      file(paths.authority, { content: authority, notify }),
      file(paths.certificate, { content: certificate, notify }),
      file(paths.key, { content: key, mode: 0o400, notify }),
      file(paths.prepare, { content: prepare }),
      file(paths.settle, { content: settle }),
      // The configuration names it, and is read before the unit's first start.
      command('names of the containers that are there', {
        creates: paths.names,
        run: sh`/bin/sh ${paths.prepare} ${paths.state}`,
        changedSummary: 'note them',
      }),
      template(paths.config, collectorConf(vars, { host: host.name, store: store.privateAddress }), {
        validate: acceptsConfig,
        notify,
      }),
      systemdUnit(paths.unit, unit, { notify }),
    ]
  },
  handlers: ({ groupIfAny }) =>
    storeOf(groupIfAny('logs')) === undefined ? {} : { [notify]: restartService(paths.unit) },
})

const unit = {
  Unit: {
    Description: 'Sends what containers say to the log store',
    Wants: 'network-online.target',
    After: ['docker.service', 'network-online.target'],
  },
  Service: {
    Type: 'notify',
    ExecStartPre: execLine('/bin/sh', paths.prepare, paths.state, 'start'),
    ExecStart: execLine(rsyslogd, '-n', '-i', 'NONE', '-f', paths.config),
    ExecStopPost: execLine('/bin/sh', paths.settle, paths.state),
    Restart: 'always',
    RestartSec: 5,
    TimeoutStopSec: 30,
    StandardOutput: 'null',
    // It reads Docker's files, and writes to its queue alone.
    ProtectSystem: 'strict',
    ReadWritePaths: [paths.state],
    ProtectHome: true,
    PrivateTmp: true,
    PrivateDevices: true,
    ProtectKernelTunables: true,
    ProtectControlGroups: true,
    NoNewPrivileges: true,
    RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6',
    CapabilityBoundingSet: 'CAP_DAC_READ_SEARCH',
    Nice: 5,
  },
  Install: { WantedBy: 'multi-user.target' },
} as const
