import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname, join, parse } from 'node:path'
import { isMap } from 'yaml'
import { type Faults, type Place, shownPath } from './fault.ts'
import { didYouMean } from './nearest.ts'
import { type Variable, variablesOf } from './variable.ts'
import { readYaml, type YamlFile } from './yaml.ts'

/** The files of group_vars/ or host_vars/ that speak of one name, in the order in which they are read. */
export type VarsFiles = ReadonlyMap<string, readonly string[]>

// Encrypted files are found by their own rules, in encrypted.ts.
const ignored = /^\.|~$|\.(md|example)$|\.ya?ml\.age$/

/** Finds NAME.yaml, NAME.yml and NAME/*.yaml in a folder that need not exist. */
export async function findVarsFiles(folder: string, faults: Faults): Promise<VarsFiles> {
  const found = new Map<string, string[]>()
  for (const entry of await list(folder)) {
    const path = join(folder, entry.name)
    const name = entry.isDirectory() ? entry.name : parse(entry.name).name
    const files = entry.isDirectory()
      ? (await list(path)).map((inner) => join(path, inner.name)).filter((inner) => isYaml(inner, faults))
      : [path].filter((file) => isYaml(file, faults))
    const other = found.get(name)?.[0]
    if (other !== undefined && files[0] !== undefined) {
      faults.add(
        top(files[0]),
        `a second place for the variables of \`${name}\``,
        `merge it into ${shownPath(other)}`,
      )
    } else if (files.length > 0) found.set(name, files)
  }
  return found
}

/** Reads the files found: each name's variables, a later file over an earlier one. */
export async function readVarsFiles(
  files: VarsFiles,
  faults: Faults,
): Promise<Map<string, Map<string, Variable>>> {
  const found = new Map<string, Map<string, Variable>>()
  for (const [name, paths] of files) {
    const variables = new Map<string, Variable>()
    for (const path of paths) {
      const file = await readYaml(path, faults)
      if (file === undefined) continue
      for (const [key, variable] of variablesIn(file, faults)) variables.set(key, variable)
    }
    found.set(name, variables)
  }
  return found
}

/** Reports the files whose name is no group's or host's, and would silently do nothing. */
export function checkNames(
  files: VarsFiles,
  kind: 'group' | 'host',
  names: Iterable<string>,
  faults: Faults,
): void {
  const known = new Set(names)
  for (const [name, [path]] of files) {
    if (known.has(name) || path === undefined) continue
    faults.add(
      top(path),
      `no ${kind} is called \`${name}\``,
      didYouMean(name, known) ?? `the inventory has: ${[...known].join(', ')}`,
    )
  }
}

function variablesIn(file: YamlFile, faults: Faults): Map<string, Variable> {
  const root = file.document.contents
  if (isMap(root)) return variablesOf(file, root, faults)
  const empty = root === null || root.toJS(file.document) === null
  if (!empty) faults.add(file.start, 'expected variables, each as `name: value`')
  return new Map()
}

function isYaml(path: string, faults: Faults): boolean {
  if (['.yaml', '.yml'].includes(extname(path))) return true
  faults.add(top(path), 'this file is not read', 'rename it to end in .yaml')
  return false
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter(({ name }) => !ignored.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

function top(path: string): Place {
  return { file: shownPath(path), line: 1, column: 1 }
}
