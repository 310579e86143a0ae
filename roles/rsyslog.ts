import { command, packages, type Resource } from '../lib/resource/index.ts'
import { sh } from '../lib/script/index.ts'

/**
 * rsyslog's program, for units of our own. The service that Debian's package brings is masked where the package was not
 * there before: it would write a second copy of the host's journal to /var/log/syslog, which nothing may rotate. Where it
 * was there it is somebody's, and stays as it is.
 */
export const rsyslog: readonly Resource[] = [
  command("rsyslog's own service stays away where it was not", {
    unless: sh`dpkg-query -W -f '\${db:Status-Status}' rsyslog 2>/dev/null | grep -qx installed ||
  [ "$(readlink /etc/systemd/system/rsyslog.service)" = /dev/null ]`,
    run: sh`systemctl -q mask rsyslog.service`,
    changedSummary: 'mask rsyslog.service',
  }),
  packages(['rsyslog', 'rsyslog-relp']),
]

/** Where Debian's package has it. */
export const rsyslogd = '/usr/sbin/rsyslogd'

/** Ends with 0 if rsyslog could run with this configuration. */
export const acceptsConfig = (path: string) => sh`${rsyslogd} -N1 -i NONE -f ${path}`

/** Of every instance: lines as long as Docker writes them, bytes as they are, and its own troubles in the journal. */
export const globals = (state: string) => `global(
  workDirectory="${state}"
  maxMessageSize="256k"
  parser.escapeControlCharactersOnReceive="off"
  net.enableDNS="off"
  processInternalMessages="off"
  variables.casesensitive="on"
)`
