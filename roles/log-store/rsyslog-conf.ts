import { quoted } from '../rainer-script.ts'
import { globals } from '../rsyslog.ts'
import { paths } from './paths.ts'
import type { LogStoreVars } from './schema.ts'

type Own = Pick<
  LogStoreVars,
  'log_store_port' | 'log_collector_name' | 'log_store_keeps' | 'log_store_folder'
>

/**
 * rsyslog's configuration: it takes entries from collectors alone, and confirms each once it is written. Where it
 * cannot write it goes on trying, and the collectors keep what is not confirmed.
 */
export function storeConf(vars: Own, address: string): string {
  return `${globals(paths.state)}
module(load="imrelp")
module(load="mmjsonparse")
${vars.log_store_keeps === 'files' ? '' : 'module(load="omjournal")\n'}
input(
  type="imrelp"
  address=${quoted(address)}
  port="${vars.log_store_port}"
  ruleset="keep"
  maxDataSize="256k"
  keepAlive="on"
  tls="on"
  tls.caCert=${quoted(paths.authority)}
  tls.myCert=${quoted(paths.certificate)}
  tls.myPrivKey=${quoted(paths.key)}
  tls.authMode="name"
  tls.permittedPeer=[${quoted(vars.log_collector_name)}]
)

${vars.log_store_keeps === 'files' ? inFiles(vars.log_store_folder) : inJournal}`
}

const inFiles = (folder: string) => `template(name="path" type="list") {
  constant(value=${quoted(`${folder}/`)})
  property(name="$!host" securepath="replace")
  constant(value="/")
  property(name="$!service" securepath="replace")
  constant(value="/")
  property(name="$.day")
  constant(value=".jsonl")
}
template(name="line" type="string" string="%rawmsg%\\n")

ruleset(name="keep" queue.type="Direct") {
${accept()}
  action(
    type="omfile"
    dynaFile="path"
    template="line"
    dirCreateMode="0750"
    fileCreateMode="0640"
    dynaFileCacheSize="200"
    action.resumeRetryCount="-1"
    action.resumeInterval="5"
    action.resumeIntervalMax="30"
  )
}
`

/** An entry's parts as fields, and the entry itself, which logs.ts reads. */
const inJournal = `template(name="fields" type="subtree" subtree="$!fields")

ruleset(name="keep" queue.type="Direct") {
${accept()}
  set $!fields!MESSAGE = $!message;
  set $!fields!PRIORITY = "6";
  if $!level == "debug" then set $!fields!PRIORITY = "7";
  if $!level == "warning" then set $!fields!PRIORITY = "4";
  if $!level == "error" then set $!fields!PRIORITY = "3";
  set $!fields!SYSLOG_IDENTIFIER = $!container;
  set $!fields!HOST = $!host;
  set $!fields!SERVICE = $!service;
  set $!fields!CONTAINER = $!container;
  set $!fields!LEVEL = $!level;
  set $!fields!TIME = $!time;
  if $!request_id != "" then set $!fields!REQUEST_ID = $!request_id;
  set $!fields!ENTRY = $rawmsg;
  action(type="omjournal" template="fields" action.resumeRetryCount="-1" action.resumeInterval="5")
}
`

/** What is no entry is left out: the collectors send none. Names become paths, so they are held to what names are. */
function accept(): string {
  const name = '^[A-Za-z0-9][A-Za-z0-9._-]*\\$'
  return `  action(type="mmjsonparse" cookie="" useRawMsg="on")
  if $parsesuccess != "OK" then stop
  set $.day = re_extract($!time, "^([0-9]{4}-[0-9]{2}-[0-9]{2})T", 0, 1, "");
  if $.day == "" then stop
  if not re_match($!host, "${name}") or not re_match($!service, "${name}") or not re_match($!container, "${name}") then stop`
}
