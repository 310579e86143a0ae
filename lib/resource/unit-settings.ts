/** A unit's settings by "Section.Key", each with its values in order; an empty value clears those before it. */
export type UnitSettings = ReadonlyMap<string, readonly string[]>

/** Reads a unit's text as systemd does, as far as sections, comments, continued lines and repeated keys go. */
export function unitSettings(text: string): UnitSettings {
  const found = new Map<string, readonly string[]>()
  let section = ''
  const code = text.replace(/^\s*[#;].*\n/gm, '').replaceAll(/\\\n/g, ' ')
  for (const line of code.split('\n').map((each) => each.trim())) {
    const [, name] = /^\[(.+)\]$/.exec(line) ?? []
    const at = line.indexOf('=')
    if (name !== undefined) section = name
    else if (at > 0) {
      const key = `${section}.${line.slice(0, at).trimEnd()}`
      const value = line.slice(at + 1).trimStart()
      found.set(key, value === '' ? [] : [...(found.get(key) ?? []), value])
    }
  }
  return found
}

/** The last value of a setting. */
export function setting(settings: UnitSettings, key: string): string | undefined {
  return settings.get(key)?.at(-1)
}

/**
 * The links below /etc/systemd/system that enable a unit: "multi-user.target.wants/app.service". None where [Install]
 * names nothing, or for a template without DefaultInstance=; 'unforeseen' where a specifier does.
 */
export function enablingLinks(unit: string, settings: UnitSettings): readonly string[] | 'unforeseen' {
  const linked = linkedName(unit, settings)
  if (linked.includes('@.')) return []
  const words = (key: string) => (settings.get(`Install.${key}`) ?? []).flatMap((each) => each.split(/\s+/))
  const kinds = { WantedBy: 'wants', RequiredBy: 'requires', UpheldBy: 'upholds' } as const
  const links = [
    ...Object.entries(kinds).flatMap(([key, kind]) => words(key).map((by) => `${by}.${kind}/${linked}`)),
    ...words('Alias'),
  ]
  return links.some((link) => link.includes('%')) ? 'unforeseen' : [...new Set(links)].sort()
}

/** The unit that is linked when this one is enabled: of a template, its default instance. */
export function linkedName(unit: string, settings: UnitSettings): string {
  const instance = setting(settings, 'Install.DefaultInstance')
  return instance === undefined ? unit : unit.replace('@.', `@${instance}.`)
}

/** The unit that a timer or path unit starts; undefined for other units. */
export function triggered(unit: string, settings: UnitSettings): string | undefined {
  const [, base, section] = /^(.*)\.(timer|path)$/.exec(unit) ?? []
  if (base === undefined) return undefined
  return setting(settings, section === 'timer' ? 'Timer.Unit' : 'Path.Unit') ?? `${base}.service`
}

/** Whether a unit is done once it has run: it is never "running", and is started by another unit, or at boot. */
export function finishes(unit: string, settings: UnitSettings): boolean {
  if (!unit.endsWith('.service')) return false
  const remains = /^(?:1|yes|y|true|t|on)$/i.test(setting(settings, 'Service.RemainAfterExit') ?? 'no')
  return setting(settings, 'Service.Type') === 'oneshot' && !remains
}
