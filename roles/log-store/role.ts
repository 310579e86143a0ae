import { role } from '../../lib/engine/role.ts'
import {
  directory,
  execLine,
  file,
  type Resource,
  restartService,
  systemdTimer,
  systemdUnit,
  template,
  user,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { privateIp } from '../private-ip.ts'
import { acceptsConfig, rsyslog, rsyslogd } from '../rsyslog.ts'
import { journaldConf } from './journald-conf.ts'
import { journal, namespace, paths } from './paths.ts'
import { retention } from './retention.ts'
import { storeConf } from './rsyslog-conf.ts'
import { type LogStoreVars, logStoreVars } from './schema.ts'
import { storeOf } from './store-of.ts'

const notify = 'restart the log store'
const notifyJournal = "restart the log store's journal"

export const logStore = role({
  name: 'log-store',
  about: 'What all containers said, on one host: by files or by a journal, for so many days and megabytes',
  vars: logStoreVars,
  resources: ({ vars, host, group }) => {
    storeOf(group('logs'))
    const readable = { mode: 0o400, owner: paths.user, notify }
    return [
      ...rsyslog,
      user(paths.user, { system: true }),
      directory(paths.folder),
      directory(paths.state, { mode: 0o700, owner: paths.user }),
      file(paths.authority, { content: vars.log_ca, ...readable }),
      file(paths.certificate, { content: vars.log_store_certificate, ...readable }),
      file(paths.key, { content: vars.log_store_key, ...readable }),
      template(paths.config, storeConf(vars, privateIp(host, 'the log store listens on')), {
        validate: acceptsConfig,
        notify,
      }),
      ...(vars.log_store_keeps === 'files' ? filesFor(vars) : journalFor(vars)),
      systemdUnit(paths.unit, unitFor(vars), { notify }),
    ]
  },
  handlers: ({ vars }) => ({
    ...(vars.log_store_keeps === 'journal'
      ? { [notifyJournal]: sh`systemctl try-restart -- ${journal.unit}\n` }
      : {}),
    [notify]: restartService(paths.unit),
  }),
})

function filesFor(vars: LogStoreVars): readonly Resource[] {
  return [
    directory(vars.log_store_folder, { mode: 0o750, owner: paths.user }),
    file(paths.retention, { content: retention(paths.unit) }),
    systemdUnit(paths.retentionUnit, {
      Unit: { Description: 'Removes logs that are too old, or too many' },
      Service: {
        Type: 'oneshot',
        ExecStart: execLine(
          '/bin/sh',
          paths.retention,
          vars.log_store_folder,
          vars.log_store_days,
          vars.log_store_mb,
          vars.log_store_free_mb,
        ),
        ProtectSystem: 'strict',
        ReadWritePaths: [vars.log_store_folder],
        ProtectHome: true,
        PrivateTmp: true,
        PrivateDevices: true,
        NoNewPrivileges: true,
        Nice: 10,
      },
    }),
    systemdTimer(paths.retentionTimer, { OnActiveSec: '1min', OnUnitActiveSec: '1min' }),
  ]
}

function journalFor(vars: LogStoreVars): readonly Resource[] {
  return [template(journal.config, journaldConf(vars), { notify: notifyJournal })]
}

const unitFor = (vars: LogStoreVars) =>
  ({
    Unit: {
      Description: 'Keeps what the containers of all hosts say',
      Wants: 'network-online.target',
      After: 'network-online.target',
    },
    Service: {
      Type: 'notify',
      ExecStart: execLine(rsyslogd, '-n', '-i', 'NONE', '-f', paths.config),
      Restart: 'always',
      RestartSec: 2,
      TimeoutStopSec: 20,
      User: paths.user,
      UMask: '0027',
      StandardOutput: 'null',
      // What it hands to "the" journal goes to one of its own.
      ...(vars.log_store_keeps === 'journal' ? { LogNamespace: namespace } : {}),
      ProtectSystem: 'strict',
      ReadWritePaths: [paths.state, ...(vars.log_store_keeps === 'files' ? [vars.log_store_folder] : [])],
      ProtectHome: true,
      PrivateTmp: true,
      PrivateDevices: true,
      ProtectKernelTunables: true,
      ProtectControlGroups: true,
      NoNewPrivileges: true,
      RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6',
      CapabilityBoundingSet: '',
    },
    Install: { WantedBy: 'multi-user.target' },
  }) as const
