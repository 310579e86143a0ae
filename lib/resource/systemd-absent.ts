import { quote, type Script, sh } from '../script/index.ts'
import { fields } from './observed.ts'
import { type Common, Conflict, type Plan, type Resource, resource, unchanged } from './resource.ts'
import { inOrder, runningSteps, type UnitStep } from './service.ts'
import { readStanding, standingScript } from './standing.ts'
import { dropInPlace } from './systemd-drop-in.ts'
import {
  foundLinks,
  isTemplate,
  loadedUnits,
  refuseMasked,
  unitFileName,
  unitFolder,
  unitProbe,
} from './unit-probe.ts'

/**
 * No such unit in /etc/systemd/system: it is stopped and disabled first, and of a template so are all instances. A
 * package's unit that stood behind it comes to light again; one that stands there alone is left as it is.
 */
export function absentSystemdUnit(name: string, options: Common = {}): Resource {
  const path = `${unitFolder}/${unitFileName(name)}`
  const instances = sh`[ -z "$(systemctl list-units -q --plain --no-legend --state=active,activating,reloading,failed -- ${loadedUnits(name)})" ] || echo ActiveState=active
`
  return resource({
    id: `systemd unit ${name}`,
    probe: sh`${unitProbe(name)}${standingScript(path)}
${isTemplate(name) ? instances : sh``}:
`,
    read: (probed) => ({ found: fields(probed.stdout), links: foundLinks(probed) }),
    plan: ({ found, links }) => planRemoval(name, path, found, links),
    notify: options.notify,
  })
}

/** No such drop-in; its folder goes with it where nothing else is in it. What runs goes on as it was. */
export function absentSystemdDropIn(unit: string, name: string, options: Common = {}): Resource {
  const place = dropInPlace(unit, name)
  const path = `${unitFolder}/${place}`
  return resource({
    id: `systemd drop-in ${place}`,
    probe: sh`${unitProbe(unit)}${standingScript(path)}
`,
    read: ({ stdout }) => fields(stdout),
    plan: (found) => {
      const removal = remove(path, `${unitFolder}/${unit}.d`)
      if (isThere(path, found)) return change([['remove', removal]], reload)
      return found.get('NeedDaemonReload') === 'yes'
        ? change([['daemon-reload', removal]], reload)
        : unchanged
    },
    notify: options.notify,
  })
}

function planRemoval(
  name: string,
  path: string,
  found: ReadonlyMap<string, string>,
  links: readonly string[],
): Plan {
  const there = isThere(path, found)
  refuseMasked(name, found)
  const of = (property: string) => found.get(property) ?? ''
  // No file, and systemd still knows the unit by it, or runs it: what a run that was cut off has left.
  const known = of('FragmentPath') === path
  if (!there && !known && of('LoadState') !== 'not-found') return unchanged
  const all = loadedUnits(name)
  const steps: UnitStep[] = [...runningSteps(all, false, of('ActiveState'), of('SubState'))]
  if (links.length > 0) steps.push(['disable', unlink(name, there, links)])
  if (there) steps.push(['remove', remove(path, `${path}.d`)])
  else if (known) steps.push(['daemon-reload', sh``])
  else if (of('ActiveState') === 'failed') steps.push(['forget that it failed', sh``])
  if (steps.length === 0) return unchanged
  // When a timer last fired is remembered in a file.
  const stamp = name.endsWith('.timer') ? sh`rm -f -- ${`/var/lib/systemd/timers/stamp-${name}`}` : sh``
  return change(
    steps,
    sh`${reload}
systemctl reset-failed -- ${all} 2>/dev/null || :
${stamp}`,
  )
}

const reload = sh`systemctl daemon-reload`

function change(steps: readonly UnitStep[], last: Script): Plan {
  const summary = steps.map(([what]) => what).join(', ')
  return { kind: 'change', summary, apply: inOrder([...steps, ['', last]]) }
}

function isThere(path: string, found: ReadonlyMap<string, string>): boolean {
  const { type } = readStanding(found.get('standing'))
  if (type === 'directory') {
    throw new Conflict(`a directory stands at ${path}, where a unit should be`, {
      hint: `look at what it holds: ls -lA ${quote(path)}`,
    })
  }
  return type !== 'absent'
}

/** disable knows what belongs to a unit file; links that no file stands behind any more are taken away by name. */
function unlink(name: string, there: boolean, links: readonly string[]): Script {
  const disable = sh`systemctl -q disable -- ${name}
`
  return sh`${there ? disable : sh``}rm -f -- ${links.map((link) => `${unitFolder}/${link}`)}`
}

function remove(path: string, folder: string): Script {
  return sh`rm -f -- ${path}
rmdir -- ${folder} 2>/dev/null || :`
}
