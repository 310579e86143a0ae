import { join } from 'node:path'
import { type Faults, shownPath } from './fault.ts'
import { parsePattern } from './pattern.ts'
import type { Property } from './schema.ts'
import type { Tree } from './tree.ts'
import type { VarsFiles } from './vars-files.ts'
import { expected } from './words.ts'

/** Gathers required variables that hosts lack, so that fifty hosts of a group give one fault. */
export class Missing {
  readonly #wanted = new Map<
    string,
    { name: string; role: string; scope: string; property: Property; hosts: Set<string> }
  >()
  readonly #groupsOf: ReadonlyMap<string, readonly string[]>

  readonly #secretsToo: boolean

  /** `groupsOf`: the groups of each host; `secretsToo` is false while an encrypted file may hold what is missing */
  constructor(groupsOf: ReadonlyMap<string, readonly string[]>, options = { secretsToo: true }) {
    this.#groupsOf = groupsOf
    this.#secretsToo = options.secretsToo
  }

  /** `pattern` is what the role is played on: it made the variable necessary on this host. */
  add(name: string, property: Property, role: string, pattern: string, host: string): void {
    if (property.format === 'secret' && !this.#secretsToo) return
    const scope = scopeOf(pattern, host, this.#groupsOf.get(host) ?? [])
    const key = JSON.stringify([name, role, scope])
    const wanted = this.#wanted.get(key) ?? { name, role, scope, property, hosts: new Set() }
    wanted.hosts.add(host)
    this.#wanted.set(key, wanted)
  }

  /** Reports them at the group in hosts.yaml that makes them necessary, and says which file they belong in. */
  report(
    where: { tree: Tree; dir: string; files: { groups: VarsFiles; hosts: VarsFiles } },
    faults: Faults,
  ): void {
    const { tree, dir, files } = where
    for (const { name, role, scope, property, hosts } of this.#wanted.values()) {
      const group = tree.groups.get(scope)
      const place = group?.place ?? tree.hosts.get(scope)?.place
      if (place === undefined) continue
      const [folder, known] = group ? ['group_vars', files.groups] : ['host_vars', files.hosts]
      const file = shownPath(known.get(scope)?.[0] ?? join(dir, folder, `${scope}.yaml`))
      const about = typeof property.description === 'string' ? ` (${property.description})` : ''
      faults.add(
        place,
        `\`${name}\` is missing on ${list([...hosts])}: role ${role} needs it`,
        `add to ${file}: \`${name}: …\`, ${expected(property)}${about}`,
      )
    }
  }
}

/** The group that the pattern names and the host is in, which is where the variable belongs; else the host. */
function scopeOf(pattern: string, host: string, groups: readonly string[]): string {
  const named = parsePattern(pattern).filter(({ how, kind }) => how !== 'exclusion' && kind === 'name')
  return named.find(({ text, subscript }) => subscript === undefined && groups.includes(text))?.text ?? host
}

function list(hosts: readonly string[]): string {
  return hosts.length <= 4 ? hosts.join(', ') : `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more`
}
