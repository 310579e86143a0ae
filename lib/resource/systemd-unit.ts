import { sh } from '../script/index.ts'
import { file } from './file.ts'
import { fields } from './observed.ts'
import { type Common, type Plan, type Probed, type Resource, resource } from './resource.ts'
import { runningSteps } from './service.ts'
import { managedNote } from './template.ts'
import { planPlacement } from './unit-placement.ts'
import { foundLinks, refuseMasked, unitFileName, unitFolder, unitProbe } from './unit-probe.ts'
import { triggered, unitSettings } from './unit-settings.ts'
import { type UnitContent, type UnitSection, unitText } from './unit-text.ts'
import { type UnitFile, verifyScript } from './unit-verify.ts'
import { linkSteps, type UnitWish, unitWish } from './unit-wish.ts'

export interface SystemdUnitOptions extends Common {
  /** starts with the units that [Install] names; true where it names some, 'any' where not, unless told */
  readonly enabled?: boolean | 'any' | undefined
  /** runs now; true for a unit that is enabled and goes on running, else 'any', unless told */
  readonly running?: boolean | 'any' | undefined
}

/**
 * A unit file in /etc/systemd/system that systemd has read and found good before it takes its place, enabled and
 * running. A change of the file does not restart what runs: notify a handler for that.
 */
export function systemdUnit(name: string, content: UnitContent, options: SystemdUnitOptions = {}): Resource {
  const unit: UnitFile = {
    unit: unitFileName(name),
    place: name,
    text: `# ${managedNote}\n${unitText(content)}`,
  }
  const settings = unitSettings(unit.text)
  const wish = unitWish(name, settings, options)
  const starts = triggered(name, settings)
  const inPlace = file(`${unitFolder}/${name}`, { content: unit.text })
  return resource({
    id: `systemd unit ${name}`,
    probe: sh`${unitProbe(name)}sum=
${inPlace.probe}${verifyScript(unit)}
${starts === undefined ? sh`:` : sh`echo "starts=$(systemctl show -p LoadState --value -- ${starts})"`}
`,
    read: (probed) => probed,
    plan: (probed) => {
      refuseMasked(name, fields(probed.stdout))
      return planUnit(unit, wish, starts, inPlace.plan(probed), probed)
    },
    notify: options.notify,
  })
}

/**
 * A timer, enabled and running, which starts the service of its name, or the one that Unit= names:
 * `systemdTimer('backup', { OnCalendar: '02:15', Persistent: true })`. Have the service before it.
 */
export function systemdTimer(
  name: string,
  timer: UnitSection,
  options: SystemdUnitOptions & { readonly description?: string | undefined } = {},
): Resource {
  const unit = name.endsWith('.timer') ? name : `${name}.timer`
  if (!Object.keys(timer).some((key) => /^On[A-Z]/.test(key)))
    throw new TypeError(`${unit} says nowhere when: OnCalendar=, OnBootSec= or the like`)
  const { description = `When to start ${timer.Unit ?? unit.replace(/timer$/, 'service')}`, ...rest } =
    options
  const Unit = { Description: description }
  return systemdUnit(unit, { Unit, Timer: timer, Install: { WantedBy: 'timers.target' } }, rest)
}

function planUnit(
  unit: UnitFile,
  wish: UnitWish,
  starts: string | undefined,
  inPlace: Plan,
  probed: Probed,
): Plan {
  if (inPlace.kind === 'unknown') return inPlace
  const found = fields(probed.stdout)
  const [active = '', sub = ''] = [found.get('ActiveState'), found.get('SubState')]
  const state = isLate(unit, wish, inPlace, active, sub)
    ? [['restart', sh`systemctl restart -- ${unit.unit}`] as const]
    : runningSteps(unit.unit, wish.running, active, sub)
  const orphan = state.length > 0 && wish.running === true && found.get('starts') === 'not-found'
  const lacks = orphan ? `the unit ${starts}, which ${unit.unit} starts, is not there` : undefined
  return planPlacement(unit, inPlace, found, [...linkSteps(wish, foundLinks(probed)), ...state], lacks)
}

/**
 * Whether a running timer goes by old times. One that has nothing left to wait for ("elapsed") stays so when systemd
 * reads new times for it, and is to be started anew; with times that recur it has that state from nothing else.
 */
function isLate(
  { unit, text }: UnitFile,
  wish: UnitWish,
  inPlace: Plan,
  active: string,
  sub: string,
): boolean {
  if (!unit.endsWith('.timer') || wish.running !== true || active !== 'active') return false
  const times = unitSettings(text).get('Timer.OnCalendar') ?? []
  return inPlace.kind === 'change' || (sub === 'elapsed' && times.some((each) => !/\d{4}-\d/.test(each)))
}
