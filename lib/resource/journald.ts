import { type Script, sh } from '../script/index.ts'
import { file } from './file.ts'
import type { Common, Resource } from './resource.ts'
import { managedNote } from './template.ts'

/** "500M", "2G" or a number of bytes; powers of 1024 */
const size = /^\d+(?:\.\d+)?[KMGTPE]?$/
/** "1month", "2 weeks", "90s", "1d 12h", or a number of seconds; 0 switches it off */
const unit = '(?:us|ms|s|sec|seconds?|m|min|minutes?|h|hr|hours?|d|days?|w|weeks?|M|months?|y|years?)'
const time = new RegExp(`^\\d+(?:\\s*${unit}(?:\\s*\\d+\\s*${unit})*)?$`)
const yes = /^(?:yes|no)$/

/** The settings of journald.conf(5) that are known here, and how their values look. systemd ignores all others. */
const known = {
  Storage: /^(?:volatile|persistent|auto|none)$/,
  Compress: /^(?:yes|no|\d+[KMG]?)$/,
  Seal: yes,
  SystemMaxUse: size,
  SystemKeepFree: size,
  SystemMaxFileSize: size,
  SystemMaxFiles: /^\d+$/,
  RuntimeMaxUse: size,
  RuntimeKeepFree: size,
  RuntimeMaxFileSize: size,
  RuntimeMaxFiles: /^\d+$/,
  MaxRetentionSec: time,
  MaxFileSec: time,
  SyncIntervalSec: time,
  RateLimitIntervalSec: time,
  RateLimitBurst: /^\d+$/,
  ForwardToSyslog: yes,
  ForwardToKMsg: yes,
  ForwardToConsole: yes,
  ForwardToWall: yes,
  MaxLevelStore: /^(?:emerg|alert|crit|err|warning|notice|info|debug|[0-7])$/,
} as const

export type JournaldSettings = Readonly<Partial<Record<keyof typeof known, string | number | boolean>>>

const folder = '/etc/systemd/journald.conf.d'
const path = `${folder}/60-quayside.conf`
/** There from before the file is written until journald has read it; a reboot makes journald read it too. */
const owed = '/run/quayside/journald'

/**
 * Settings of the systemd journal, in a drop-in of their own: `journald({ SystemMaxUse: '500M' })`. journald is
 * restarted when they change; what is being logged meanwhile waits in its socket.
 */
export function journald(settings: JournaldSettings, options: Common = {}): Resource {
  const content = `# ${managedNote}\n[Journal]\n${Object.entries(settings).map(setting).join('')}`
  const conf = file(path, { content, notify: options.notify })
  return {
    ...conf,
    id: 'journald',
    probe: sh`[ -d /run/systemd/system ] || { echo 'this host does not run systemd' >&2; exit 3; }
${conf.probe}
[ ! -e ${owed} ] || echo owed=yes
`,
    plan: (probed) => {
      const plan = conf.plan(probed)
      if (plan.kind === 'change') {
        // Its folder is made with it: what the file alone would lack is not lacking.
        const { lacks: _, ...change } = plan
        return { ...change, summary: `${plan.summary}, restart`, apply: restarting(plan.apply) }
      }
      if (plan.kind === 'unknown' || !/^owed=yes$/m.test(probed.stdout)) return plan
      return { kind: 'change', summary: 'restart, which an earlier run still owes', apply: restarting(sh``) }
    },
  }
}

function restarting(write: Script): Script {
  return sh`set -e
mkdir -p ${folder} ${'/run/quayside'}
: >${owed}
${write}
systemctl restart systemd-journald || { journalctl -q -n 20 --no-pager -o cat -u systemd-journald >&2; exit 1; }
rm -f ${owed}
`
}

function setting([name, value]: [string, string | number | boolean]): string {
  const pattern = Object.hasOwn(known, name) ? known[name as keyof typeof known] : undefined
  if (pattern === undefined) throw new TypeError(`journald has no setting ${JSON.stringify(name)}`)
  const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
  if (!pattern.test(text)) {
    throw new TypeError(`${name} of journald must match ${pattern.source}: ${JSON.stringify(value)}`)
  }
  return `${name}=${text}\n`
}
