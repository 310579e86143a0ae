import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Vault } from '../secret/age/vault.ts'
import type { Secret } from '../secret/index.ts'
import { type EncryptedValue, readEncryptedYaml } from './encrypted-yaml.ts'
import { type Faults, type Place, shownPath, shownPlace } from './fault.ts'
import { didYouMean } from './nearest.ts'
import type { Tree, VarsFolder } from './tree.ts'
import { keyPlace, type Variable } from './variable.ts'

/** An encrypted file of an inventory, and whose variables it holds. */
export interface EncryptedFile {
  readonly path: string
  readonly of: 'group' | 'host'
  readonly name: string
}

const extension = /\.ya?ml\.age$/

/**
 * The encrypted files of an environment: `secrets.yaml.age` for every host, and NAME.yaml.age or NAME/*.yaml.age in
 * group_vars and host_vars, in the order in which they are read. Their names say whose they are: no key is needed.
 */
export async function findEncrypted(dir: string): Promise<readonly EncryptedFile[]> {
  const root = (await names(dir)).filter((name) => extension.test(name))
  const found: EncryptedFile[] = root.map((name) => ({ path: join(dir, name), of: 'group', name: 'all' }))
  for (const [folder, of] of [
    ['group_vars', 'group'],
    ['host_vars', 'host'],
  ] as const)
    for (const entry of await names(join(dir, folder))) {
      const path = join(dir, folder, entry)
      const inner = extension.test(entry) ? [] : (await names(path)).filter((name) => extension.test(name))
      if (extension.test(entry)) found.push({ path, of, name: entry.replace(extension, '') })
      for (const name of inner) found.push({ path: join(path, name), of, name: entry })
    }
  return found
}

/** Reports encrypted files that no group or host of the inventory would ever read. */
export function checkEncryptedNames(files: readonly EncryptedFile[], tree: Tree, faults: Faults): void {
  for (const { path, of, name } of files) {
    const known = of === 'group' ? tree.groups : tree.hosts
    if (known.has(name)) continue
    const hint = didYouMean(name, known.keys()) ?? `the inventory has: ${[...known.keys()].join(', ')}`
    faults.add(top(path), `no ${of} is called \`${name}\``, hint)
  }
}

/** What the encrypted files of an environment hold, in memory and nowhere else. */
export class Decrypted {
  readonly files: readonly EncryptedFile[]
  readonly #of: Readonly<Record<'group' | 'host', Map<string, Map<string, EncryptedValue>>>>

  private constructor(files: readonly EncryptedFile[]) {
    this.files = files
    this.#of = { group: new Map(), host: new Map() }
  }

  /** Opens all of them; what is wrong inside is gathered in faults. Throws a SecretError where there is no key. */
  static async open(files: readonly EncryptedFile[], vault: Vault, faults: Faults): Promise<Decrypted> {
    const made = new Decrypted(files)
    for (const { path, of, name } of files) {
      const { text } = await vault.open(path)
      const values = made.#of[of].get(name) ?? new Map<string, EncryptedValue>()
      for (const [key, value] of readEncryptedYaml(path, text, faults)) {
        const other = values.get(key)
        if (other !== undefined) twice(value.variable, other.variable, faults)
        values.set(key, value)
      }
      made.#of[of].set(name, values)
    }
    return made
  }

  /** group_vars and host_vars with the encrypted variables among the plain ones. */
  over(folder: VarsFolder, faults: Faults): VarsFolder {
    const both = (of: 'group' | 'host', plain: VarsFolder['groups']) => {
      const all = new Map(plain)
      for (const [name, values] of this.#of[of]) {
        const variables = new Map(plain.get(name))
        for (const [key, { variable }] of values) {
          const other = variables.get(key)
          if (other !== undefined) twice(variable, other, faults)
          variables.set(key, variable)
        }
        all.set(name, variables)
      }
      return all
    }
    return { groups: both('group', folder.groups), hosts: both('host', folder.hosts) }
  }

  /** The value of a name for a host: its own, or else that of the nearest of its groups (the last of the list). */
  find(name: string, host: string, groups: readonly string[]): Secret | undefined {
    const layers = [...groups.map((group) => this.#of.group.get(group)), this.#of.host.get(host)]
    return layers.findLast((layer) => layer?.has(name))?.get(name)?.secret
  }

  /** Every name that a host could mean, for a nearest one. */
  names(host: string, groups: readonly string[]): readonly string[] {
    const layers = [...groups.map((group) => this.#of.group.get(group)), this.#of.host.get(host)]
    return [...new Set(layers.flatMap((layer) => [...(layer?.keys() ?? [])]))]
  }

  /** All variables of all files. */
  *all(): Generator<{ file: EncryptedFile; value: EncryptedValue }> {
    for (const file of this.files)
      for (const value of this.#of[file.of].get(file.name)?.values() ?? [])
        if (value.variable.file.path === file.path) yield { file, value }
  }
}

function twice(variable: Variable, other: Variable, faults: Faults): void {
  const place = shownPlace(keyPlace(other))
  faults.add(keyPlace(variable), `\`${variable.name}\` stands in ${place} as well`, 'keep one of the two')
}

function top(path: string): Place {
  return { file: shownPath(path), line: 1, column: 1 }
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !/^\.|~$/.test(name)).sort()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
