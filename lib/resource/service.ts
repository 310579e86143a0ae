import { type Script, sh } from '../script/index.ts'
import { matching } from './argument.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Plan, type Resource, resource, unchanged, unknown } from './resource.ts'

export interface ServiceOptions extends Common {
  /** starts with the host; true unless told */
  readonly enabled?: boolean | 'any' | undefined
  /** runs now; true unless told, 'any' for a oneshot that a timer starts */
  readonly running?: boolean | 'any' | undefined
}

/** A systemd unit that is there, enabled and running. Unknown as long as the unit is not there. */
export function service(unit: string, options: ServiceOptions = {}): Resource {
  const { enabled = true, running = true, notify } = options
  unitName(unit)
  return resource({
    id: `service ${unit}`,
    probe: sh`command -v systemctl >/dev/null || { echo 'this host has no systemd' >&2; exit 3; }
systemctl show -p LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload -- ${unit}
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => planService(unit, { enabled, running }, (name) => found.get(name) ?? ''),
    notify,
  })
}

/** The name of a unit: "nginx", "nginx.service", "getty@tty1.service". */
export function unitName(unit: string): string {
  return matching(unit, /^[A-Za-z0-9][\w:.@\\-]*$/, 'name of a unit')
}

function planService(
  unit: string,
  wanted: { enabled: boolean | 'any'; running: boolean | 'any' },
  of: (property: string) => string,
): Plan {
  if (of('LoadState') === 'not-found') return unknown(`the unit ${unit} is not there`)
  if (of('LoadState') === 'masked') {
    throw new Conflict(`the unit ${unit} is masked`, { hint: `systemctl unmask ${unit}` })
  }
  const [active, sub, file] = [of('ActiveState'), of('SubState'), of('UnitFileState')]
  // "enabled-runtime" lasts until the host goes down, so it does not start with the host.
  const isEnabled = !/^(?:disabled|linked|enabled-runtime)/.test(file)
  const steps: UnitStep[] = []
  if (of('NeedDaemonReload') === 'yes') steps.push(['reload its unit file', sh`systemctl daemon-reload`])
  if (wanted.enabled === true && !isEnabled) steps.push(['enable', sh`systemctl -q enable -- ${unit}`])
  if (wanted.enabled === false && file === 'enabled') {
    steps.push(['disable', sh`systemctl -q disable -- ${unit}`])
  }
  if (wanted.enabled === false && file === 'enabled-runtime') {
    steps.push(['disable', sh`systemctl -q --runtime disable -- ${unit}`])
  }
  steps.push(...runningSteps(unit, wanted.running, active, sub))
  if (steps.length === 0) return unchanged
  return { kind: 'change', summary: steps.map(([what]) => what).join(', '), apply: inOrder(steps) }
}

export type UnitStep = readonly [what: string, script: Script]

/** What is to be done for a unit to run, or not to: nothing, or one step. */
export function runningSteps(
  unit: string,
  wanted: boolean | 'any',
  active: string,
  sub: string,
): readonly UnitStep[] {
  if (wanted === true && !runs(active, sub)) return [[`start (${active})`, start(unit)]]
  // Between two restarts of a crash loop it does not run, but will in a moment.
  const up = runs(active, sub) || sub.startsWith('auto-restart')
  return wanted === false && up ? [['stop', sh`systemctl stop -- ${unit}`]] : []
}

/** The steps one after another, up to the first that fails. */
export function inOrder(steps: readonly UnitStep[]): Script {
  return steps.reduce(
    (script, [, step]) => sh`${script}${step}
`,
    sh`set -e
`,
  )
}

/** A unit between two restarts of a crash loop is "activating", and does not run. */
function runs(active: string, sub: string): boolean {
  return /^(?:active|reloading|activating)$/.test(active) && !sub.startsWith('auto-restart')
}

function start(unit: string): Script {
  return sh`systemctl reset-failed -- ${unit} 2>/dev/null || :
systemctl start -- ${unit} || { journalctl -q -n 20 --no-pager -o cat -u ${unit} >&2; exit 1; }`
}
