import { type Script, sh } from '../script/index.ts'
import { whole } from './argument.ts'
import { type Resource, resource, unchanged } from './resource.ts'

export interface RebootOptions {
  /**
   * A script that changes nothing: a reboot is needed when it ends with 0, and it must not do so after one. Unless
   * told: whether /run/reboot-required is there, which packages leave on Debian and Ubuntu.
   */
  readonly when?: Script | undefined
  /** how long the host may take until it answers again; 600 unless told */
  readonly timeoutSeconds?: number | undefined
}

/**
 * A host that needs no reboot: one that does is rebooted, and waited for until it answers as another boot, before
 * anything else is done on it. `serial` keeps a play from rebooting all its hosts at once.
 */
export function reboot(options: RebootOptions = {}): Resource {
  const { when, timeoutSeconds = 600 } = options
  whole(timeoutSeconds, 10, 86_400, 'timeoutSeconds')
  return resource({
    id: 'reboot',
    probe:
      when === undefined
        ? sh`[ ! -e /run/reboot-required ] || { echo needed; sort -u /run/reboot-required.pkgs 2>/dev/null; }
:
`
        : sh`(
${when}
) >/dev/null 2>&1
[ $? -ne 0 ] || echo needed
`,
    read: ({ stdout }) => stdout.split('\n').filter(Boolean),
    plan: ([needed, ...packages]) => {
      if (needed === undefined) return unchanged
      return {
        kind: 'change',
        summary: packages.length === 0 ? 'reboot' : `reboot (for ${packages.join(', ')})`,
        apply: sh`${later}
`,
        timeoutSeconds: 60,
        restartSeconds: timeoutSeconds,
      }
    },
  })
}

/** In a second, when this script has told that it ended well; held by systemd, so that it outlives the connection. */
const later = sh`if [ -d /run/systemd/system ]; then
  systemd-run --quiet --collect --on-active=1 --timer-property=AccuracySec=100ms systemctl reboot
else
  command -v reboot >/dev/null || { echo 'this host has neither systemd nor a reboot command' >&2; exit 1; }
  nohup sh -c 'sleep 1; reboot' </dev/null >/dev/null 2>&1 &
fi`
