import { quoted } from '../rainer-script.ts'
import { globals } from '../rsyslog.ts'
import { readEntry } from './entry.ts'
import { paths } from './paths.ts'
import type { LogCollectorVars } from './schema.ts'

/** Whose containers, and where what they say goes. */
export interface Sending {
  readonly host: string
  /** the store's address */
  readonly store: string
}

type Own = Pick<LogCollectorVars, 'log_store_port' | 'log_store_name' | 'log_collector_queue_mb'>

/** a line of usual length takes a kilobyte in the queue */
const linesInMegabyte = 1000

/**
 * rsyslog's configuration: it follows Docker's files, makes an entry of each line, and hands it to the store, which
 * confirms each. Until it has, the entry is in a queue on disk.
 */
export function collectorConf(vars: Own, { host, store }: Sending): string {
  const lines = Math.min(500_000, vars.log_collector_queue_mb * linesInMegabyte)
  return `${globals(paths.state)}
module(load="imfile")
module(load="mmjsonparse")
module(load="omrelp")
# A connection that the store has closed is noticed when something is sent: so something is, and what was on its way comes
# by a new one. The store throws these away.
module(load="immark" interval="10" use.syslogcall="off" ruleset="collect")
lookup_table(name="names" file=${quoted(paths.names)})

# What the store gets: an object a line, its names in small letters, as rsyslog has them. roles/log-collector/entry.ts fills it in.
template(name="entry" type="list" option.jsonf="on") {
  property(outname="time" name="$!time" format="jsonf")
  constant(outname="host" value=${quoted(host)} format="jsonf")
  property(outname="service" name="$.service" format="jsonf")
  property(outname="container" name="$.container" format="jsonf")
  property(outname="level" name="$.level" format="jsonf")
  property(outname="message" name="$.message" format="jsonf")
  property(outname="request_id" name="$.request" format="jsonf" onEmpty="skip")
  property(outname="cut" name="$.cut" format="jsonf" onEmpty="skip")
  property(outname="raw" name="$.raw" format="jsonf")
}

input(
  type="imfile"
  file=${quoted(`${paths.containers}/*/*-json.log`)}
  tag="docker"
  ruleset="collect"
  addMetadata="on"
  persistStateInterval="100"
  persistStateAfterSubmission="on"
  deleteStateOnFileDelete="on"
)

# What is not confirmed is in a queue on disk. Full, it lets the files wait, which Docker keeps by size: by the number of
# lines, since rsyslog lets wait for nothing else. Its size in bytes is for lines that are all long.
ruleset(
  name="collect"
  queue.type="Disk"
  queue.filename="store"
  queue.size="${lines}"
  queue.fullDelayMark="${Math.floor(lines * 0.9)}"
  queue.maxDiskSpace="${vars.log_collector_queue_mb * 2}m"
  queue.maxFileSize="${Math.min(16, vars.log_collector_queue_mb / 4)}m"
  queue.checkpointInterval="100"
  queue.timeoutEnqueue="10000"
  queue.timeoutShutdown="5000"
  queue.saveOnShutdown="on"
) {
  if $!metadata!filename != "" then {
${readEntry}
  }
  action(
    type="omrelp"
    name="store"
    template="entry"
    target=${quoted(store)}
    port="${vars.log_store_port}"
    tls="on"
    tls.caCert=${quoted(paths.authority)}
    tls.myCert=${quoted(paths.certificate)}
    tls.myPrivKey=${quoted(paths.key)}
    tls.authMode="name"
    tls.permittedPeer=[${quoted(vars.log_store_name)}]
    action.resumeRetryCount="-1"
    action.resumeInterval="2"
    action.resumeIntervalMax="30"
  )
}
`
}
