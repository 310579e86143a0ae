import { type Script, sh } from '../script/index.ts'
import { matching } from './argument.ts'
import { Conflict, type Probed } from './resource.ts'

/** Where an administrator's units stand. */
export const unitFolder = '/etc/systemd/system'

/** The name of a unit file, with its kind: "app.service", "backup.timer", "worker@.service". */
export function unitFileName(name: string): string {
  const kinds = 'service|socket|target|timer|path|mount|automount|swap|slice'
  return matching(name, new RegExp(`^[A-Za-z0-9][\\w.@\\\\-]*\\.(?:${kinds})$`), 'name of a unit file')
}

export function isTemplate(unit: string): boolean {
  return unit.includes('@.')
}

/** A pattern of systemctl for a unit, or for all loaded instances of a template. */
export function loadedUnits(unit: string): string {
  return unit.replaceAll('\\', '\\\\').replace('@.', '@*.')
}

/**
 * Prints how a unit stands, as `systemctl show` has it, and a line `link=…` for each link that enables it or gives it
 * another name. The links are looked for on disk: what the manager says of them may be older than they are.
 */
export function unitProbe(unit: string): Script {
  const name = unit.replaceAll('\\', '\\\\')
  const stale = sh`! systemctl show -p NeedDaemonReload -- ${loadedUnits(unit)} | grep -qx NeedDaemonReload=yes || echo NeedDaemonReload=yes
`
  return sh`[ -d /run/systemd/system ] || { echo 'this host does not run systemd' >&2; exit 3; }
systemctl show -p LoadState,ActiveState,SubState,NeedDaemonReload,FragmentPath -- ${unit.replace('@.', '@quayside.')} || exit 3
${isTemplate(unit) ? stale : sh``}find ${unitFolder} -maxdepth 2 -type l '(' -lname ${`*/${name}`} -o -lname ${name} ')' -printf 'link=%P\\n'
`
}

/** The links that the probe found: "multi-user.target.wants/app.service". */
export function foundLinks({ stdout }: Probed): readonly string[] {
  return [...stdout.matchAll(/^link=(.*)$/gm)].map(([, link = '']) => link).sort()
}

/** Throws a Conflict for a masked unit: somebody has decided that it shall not run. */
export function refuseMasked(unit: string, found: ReadonlyMap<string, string>): void {
  if (found.get('LoadState') !== 'masked') return
  const runtime = found.get('FragmentPath')?.startsWith('/run/') === true ? '--runtime ' : ''
  throw new Conflict(`the unit ${unit} is masked`, { hint: `systemctl unmask ${runtime}${unit}` })
}
