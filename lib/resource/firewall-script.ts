import { feed, type Script, sh } from '../script/index.ts'
import { replaceAtomically } from './candidate.ts'
import { sha256 } from './content.ts'
import { table } from './firewall-ruleset.ts'
import { printFile } from './rewrite.ts'
import { accessScript, standingScript } from './standing.ts'
import { managedNote } from './template.ts'

/** What the host loads at boot, and the unit that does it. */
export const conf = '/etc/quayside/firewall.nft'
export const unitName = 'quayside-firewall.service'
export const unit = `/etc/systemd/system/${unitName}`

/** There from before new rules are loaded until they are confirmed; gone after a reboot, as unconfirmed rules are. */
const folder = '/run/quayside/firewall'
const rollback = `${folder}/rollback.sh`
/** names the rules that are loaded and not confirmed; whoever takes it away decides */
const pending = `${folder}/pending`
const timers = 'quayside-firewall-rollback-*'

/** Early, like Debian's nftables.service, and after it: its file may flush every table. Restarted along with it. */
export const unitText = `# ${managedNote}
[Unit]
Description=Firewall of Quayside (nftables table ${table})
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target
After=nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
ConditionPathExists=${conf}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${conf}
ExecReload=/usr/sbin/nft -f ${conf}
ExecStop=-/usr/sbin/nft delete table ${table}

[Install]
WantedBy=sysinit.target
`

/**
 * Prints what is on disk, what is loaded, and what would be: these rules as nft itself lists them, loaded into a network
 * namespace that goes with the probe. So rules compare as this host's nft and kernel understand them, however written.
 */
export function firewallProbe(rules: string): Script {
  return sh`command -v nft >/dev/null || { echo "nft is not there: packages(['nftables'])" >&2; exit 3; }
[ -d /run/systemd/system ] || { echo 'this host does not run systemd' >&2; exit 3; }
${standingScript(conf)}
${printFile('conf', conf)}
${printFile('unit', unit)}
systemctl show -p LoadState,UnitFileState,ActiveState -- ${unitName}
[ ! -e ${pending} ] || echo pending=yes
${whoComes}
live=$(nft -s list table ${rawTable} 2>/dev/null) || live=
wanted=$({ base64 -d | unshare -n sh -c ${`nft -f - 2>&1 && nft -s list table ${table}`} 2>&1; }${feed(rules)}) || {
  echo "the rules cannot be tried on this host: $(printf '%s' "$wanted" | head -n 1)" >&2
  exit 3
}
if [ "$live" != "$wanted" ]; then
  [ -z "$live" ] || echo "live=$(printf '%s\\n' "$live" | base64 -w 0)"
  echo "wanted=$(printf '%s\\n' "$wanted" | base64 -w 0)"
fi
`
}

const rawTable: readonly string[] = table.split(' ')

/** sudo drops SSH_CONNECTION from our own environment; that of sudo itself, among our ancestors, still has it. */
const whoComes = sh`pid=$$
while [ "\${pid:-0}" -gt 1 ]; do
  found=$(grep -zs '^SSH_CONNECTION=' "/proc/$pid/environ" | tr -d '\\0')
  [ -z "$found" ] || { echo "ssh=\${found#*=}"; break; }
  pid=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f2)
done`

/**
 * Loads the rules, in one transaction, on probation: what was loaded before is kept, and a timer of systemd puts it
 * back after so many seconds unless the rules are confirmed. Nothing on disk is changed yet. Rules that an earlier run
 * left unconfirmed are not what is gone back to.
 */
export function tryRules(rules: string, seconds: number): Script {
  return sh`set -e
umask 077
mkdir -p ${folder}
cd ${folder}
exec 9>lock
flock -w 60 9
base64 -d >next.nft${feed(rules)}nft -c -f next.nft
if [ ! -e pending ]; then
  printf 'table %s\\ndelete table %s\\n' ${table} ${table} >previous.new
  ! nft list tables | grep -qx ${`table ${table}`} || nft -s list table ${rawTable} >>previous.new
  # An nft that cannot read what it lists itself has the file of the rules that were confirmed last.
  nft -c -f previous.new 2>/dev/null || { cp ${conf} previous.new && nft -c -f previous.new; }
  mv previous.new previous.nft
fi
base64 -d >rollback.sh${feed(rollbackText)}unit=quayside-firewall-rollback-$$
systemd-run --quiet --collect --unit="$unit" --on-active=${seconds} --timer-property=AccuracySec=100ms /bin/sh ${rollback}
${stopTimers(sh`"$unit".*`)}
echo ${idOf(rules)} >pending
nft -f next.nft
`
}

/** What the timer runs, alone with the lock. Without its old rules the host is opened rather than lost. */
const rollbackText = `cd ${folder} || exit 0
exec 9>lock
flock 9
[ -e pending ] || exit 0
nft -f previous.nft || nft delete table ${table}
rm -f pending
`

/** Keeps the rules: for good, and for the next boot. Fails where the host has gone back to the old ones already. */
export function keepRules(rules: string): Script {
  const access = { mode: 0o644, owner: 'root', group: 'root' }
  const write = (path: string, content: string) =>
    replaceAtomically(
      path,
      (candidate) => sh`base64 -d >${candidate}${feed(content)}${accessScript(candidate, access)}
sync -- ${candidate}`,
    )
  return sh`set -e
gone() { echo 'the host has gone back to the rules from before, since this connection came too late' >&2; exit 1; }
cd ${folder} 2>/dev/null || gone
exec 9>lock
flock -w 60 9
[ "$(cat pending 2>/dev/null)" = ${idOf(rules)} ] || gone
mkdir -p /etc/quayside
${write(conf, rules)}
${write(unit, unitText)}
systemctl daemon-reload
systemctl -q enable ${unitName}
systemctl start ${unitName}
rm -f pending
${stopTimers(sh`''`)}
cd /
rm -rf ${folder}
`
}

/** Goes back to the rules from before at once, as the timer would. */
export const dropRules: Script = sh`[ ! -e ${rollback} ] || sh ${rollback} || exit 1
${stopTimers(sh`''`)}
rm -rf ${folder}
`

/** What of the firewall is there, a line each. */
export const traces: Script = sh`for path in ${[conf, unit, folder]}; do [ ! -e "$path" ] || echo "there=$path"; done
if command -v nft >/dev/null && nft list tables 2>/dev/null | grep -qx ${`table ${table}`}; then echo ${`there=table ${table}`}; fi
`

export const removeAll: Script = sh`set -e
${stopTimers(sh`''`)}
systemctl -q disable --now ${unitName} 2>/dev/null || :
rm -rf ${conf} ${unit} ${folder}
systemctl daemon-reload
rmdir --ignore-fail-on-non-empty /etc/quayside 2>/dev/null || :
if command -v nft >/dev/null && nft list tables | grep -qx ${`table ${table}`}; then nft delete table ${rawTable}; fi
`

/** Stops the timers that would go back, and what they have started, but for a unit of this name. */
function stopTimers(except: Script): Script {
  return sh`for each in $(systemctl list-units --all --plain --no-legend ${timers} | cut -d ' ' -f 1); do
  case $each in ${except}) ;; *) systemctl stop "$each" ;; esac
done`
}

function idOf(rules: string): string {
  return sha256(rules).slice(0, 16)
}
