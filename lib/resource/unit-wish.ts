import { sh } from '../script/index.ts'
import type { UnitStep } from './service.ts'
import { isTemplate } from './unit-probe.ts'
import { enablingLinks, finishes, linkedName, type UnitSettings } from './unit-settings.ts'

/** Whether a unit is to start by itself, and to run. */
export interface UnitWish {
  readonly enabled: boolean | 'any'
  readonly running: boolean | 'any'
  /** the unit that links are made to: the default instance of a template */
  readonly linked: string
  /** the links that enable it, below /etc/systemd/system */
  readonly links: readonly string[] | 'unforeseen'
}

/** What is wished of a unit with these settings. Throws a TypeError for what no unit of the kind can be. */
export function unitWish(
  unit: string,
  settings: UnitSettings,
  { enabled, running }: { enabled?: boolean | 'any' | undefined; running?: boolean | 'any' | undefined },
): UnitWish {
  const links = enablingLinks(unit, settings)
  const [hasLinks, template, ends] = [links.length > 0, isTemplate(unit), finishes(unit, settings)]
  const instance = `service('${unit.replace('@.', '@INSTANCE.')}')`
  if (enabled === true && !hasLinks) {
    const why = template ? `is a template: enable its instances by ${instance}` : 'cannot be enabled'
    throw new TypeError(`${unit} ${why}: its [Install] has no WantedBy= or the like`)
  }
  if (typeof running === 'boolean' && template) {
    throw new TypeError(`${unit} is a template, of which only instances run: ${instance}`)
  }
  if (running === true && ends) {
    throw new TypeError(
      `${unit} is done once it has run (Type=oneshot): give it RemainAfterExit=yes, or a timer`,
    )
  }
  const starts = enabled ?? (hasLinks ? true : 'any')
  const runs = starts === true && !ends && !template ? true : 'any'
  return { enabled: starts, running: running ?? runs, linked: linkedName(unit, settings), links }
}

/** What makes the links those that are wished, judged by the links themselves. */
export function linkSteps(
  { enabled, linked, links }: UnitWish,
  found: readonly string[],
): readonly UnitStep[] {
  if (enabled === 'any') return []
  // Other instances of a template are their own affair.
  const own = found.filter((link) => !/@[^@]*\.\w+$/.test(link) || link.endsWith(`/${linked}`))
  if (!enabled) return own.length > 0 ? [['disable', sh`systemctl -q disable -- ${linked}`]] : []
  if (links === 'unforeseen') return own.length > 0 ? [] : [['enable', sh`systemctl -q enable -- ${linked}`]]
  if (links.some((link) => !own.includes(link)) && own.length === 0) {
    return [['enable', sh`systemctl -q enable -- ${linked}`]]
  }
  const same = links.length === own.length && links.every((link) => own.includes(link))
  return same ? [] : [['enable anew', sh`systemctl -q reenable -- ${linked}`]]
}
