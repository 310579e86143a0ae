import { directory, file, packages, type Resource, systemdUnit } from '../../../lib/resource/index.ts'
import { type Script, sh } from '../../../lib/script/index.ts'
import { archiver } from './archiver.ts'
import { walPaths as paths } from './paths.ts'
import { credentialsFile, headersFile, settingsFile, type WalSettings } from './settings.ts'

/** The handler that makes the archiver read its files again. */
export const restartArchiver = 'restart the log archiver'

/** The archiver on the host. It comes before the container: PostgreSQL waits for it when its first data is made. */
export function walResources(settings: WalSettings): readonly Resource[] {
  const notify = restartArchiver
  return [
    packages(['zstd', 'age', 'curl', 'perl-base']),
    directory(paths.folder),
    directory('/var/lib/quayside'),
    directory(paths.state),
    // The container's user reads it.
    directory(paths.done, { mode: 0o755 }),
    directory('/var/lib/quayside/metrics'),
    file(paths.archiver, { content: archiver, mode: 0o755, notify }),
    file(paths.settings, { content: settingsFile(settings), notify }),
    file(paths.credentials, { content: credentialsFile(settings), mode: 0o600, notify }),
    file(paths.headers, { content: headersFile(settings), mode: 0o600, notify }),
    systemdUnit(paths.unit, unit, { notify }),
  ]
}

/** What its settings are read by. */
export const restart: Script = sh`systemctl restart -- ${paths.unit}
`

const unit = {
  Unit: {
    Description: "Ships PostgreSQL's log to S3",
    After: ['docker.service', 'network-online.target'],
    Wants: 'network-online.target',
  },
  Service: {
    ExecStart: `/bin/sh ${paths.archiver} ${paths.settings}`,
    Restart: 'always',
    RestartSec: 5,
    RuntimeDirectory: 'quayside-wal',
    RuntimeDirectoryMode: '0700',
    // It reads what the database's user writes: no more than that, and S3, is in its reach.
    ProtectSystem: 'strict',
    ReadWritePaths: ['/var/lib/quayside'],
    ProtectHome: true,
    PrivateTmp: true,
    PrivateDevices: true,
    ProtectKernelTunables: true,
    ProtectControlGroups: true,
    NoNewPrivileges: true,
    CapabilityBoundingSet: 'CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE',
    Nice: 5,
  },
  Install: { WantedBy: 'multi-user.target' },
} as const
