import { quote, type Script, sh } from '../script/index.ts'
import { matching } from './argument.ts'
import { file } from './file.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unknown } from './resource.ts'
import { managedNote } from './template.ts'
import { planPlacement } from './unit-placement.ts'
import { refuseMasked, unitFileName, unitFolder, unitProbe } from './unit-probe.ts'
import { unitSettings } from './unit-settings.ts'
import { type UnitContent, unitText } from './unit-text.ts'
import { type UnitFile, verifyScript } from './unit-verify.ts'

/**
 * Settings on top of a unit that is there (`systemctl edit`), in a file of their own: verified together with the unit,
 * and read by systemd at once. What runs goes on as it was: notify a handler that restarts it.
 */
export function systemdDropIn(
  unit: string,
  name: string,
  content: UnitContent,
  options: Common = {},
): Resource {
  const place = dropInPlace(unit, name)
  const dropIn: UnitFile = { unit, place, text: `# ${managedNote}\n${unitText(content)}` }
  if ([...unitSettings(dropIn.text).keys()].some((key) => key.startsWith('Install.'))) {
    throw new TypeError(`${place}: [Install] belongs into the unit itself`)
  }
  const path = `${unitFolder}/${place}`
  const folder = `${unitFolder}/${unit}.d`
  const inPlace = file(path, { content: dropIn.text })
  return resource({
    id: `systemd drop-in ${place}`,
    probe: sh`${unitProbe(unit)}sum=
${inPlace.probe}${verifyScript(dropIn, copyOf(unit))}
:
`,
    read: (probed) => probed,
    plan: (probed) => {
      const found = fields(probed.stdout)
      refuseMasked(unit, found)
      const orphan = found.get('LoadState') === 'not-found' ? `the unit ${unit} is not there` : undefined
      const plan = inPlace.plan(probed)
      if (plan.kind === 'unknown') return plan
      if (plan.kind === 'unchanged') {
        return orphan === undefined ? planPlacement(dropIn, plan, found) : unknown(orphan)
      }
      // Its folder is made with it, so that is not lacking; one that stays empty goes again.
      const { lacks: _, ...change } = plan
      const apply = sh`(
set -e
mkdir -p -m 0755 -- ${folder}
trap ${`rmdir -- ${quote(folder)} 2>/dev/null || :`} EXIT
${plan.apply})
`
      return planPlacement(dropIn, { ...change, apply }, found, [], orphan)
    },
    notify: options.notify,
  })
}

/** Where a drop-in stands below /etc/systemd/system. */
export function dropInPlace(unit: string, name: string): string {
  return `${unitFileName(unit)}.d/${matching(name, /^[A-Za-z0-9][\w.@-]*$/, 'name of a drop-in')}.conf`
}

/** The unit itself beside the drop-in, since verify wants a file; of an instance, its template. */
function copyOf(unit: string): Script {
  const own = unit.replace(/@.*(\.\w+)$/, '@$1')
  return sh`unit=$(systemctl show -p FragmentPath --value -- ${unit.replace('@.', '@quayside.')})
case $unit in
*/${own}) cp -- "$unit" "$dir"/${own} ;;
?*) cp -- "$unit" "$dir"/${unit} ;;
esac
`
}
