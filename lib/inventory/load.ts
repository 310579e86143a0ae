import { join, resolve } from 'node:path'
import { UsageError } from '../error.ts'
import { type CheckedVars, Checker } from './check.ts'
import { targetOf } from './connection-vars.ts'
import { hostsFile } from './environments.ts'
import { Faults } from './fault.ts'
import { readTree } from './hosts-file.ts'
import type { Host, Inventory, LoadOptions } from './inventory.ts'
import { checkKnown } from './known.ts'
import { Missing } from './missing.ts'
import { checkPlaceholders } from './placeholder.ts'
import { merge } from './precedence.ts'
import { checkRoles, rolesOf } from './roles.ts'
import { resolveSecrets } from './secrets.ts'
import { type Members, membersOf, select } from './select.ts'
import { groupsOfHosts, type Tree, type VarsFolder } from './tree.ts'
import { checkNames, findVarsFiles, readVarsFiles, type VarsFiles } from './vars-files.ts'
import { readYaml } from './yaml.ts'

/**
 * Loads the inventory of an environment and checks all of it before any host is contacted: reads all files, merges,
 * checks everything, and then fetches secrets. Throws an InventoryError with every fault found, or a UsageError when
 * there is no such environment. Import this file lazily: yaml and ajv cost 40 ms, which --help need not wait for.
 */
export async function loadInventory({ env, dir: given, schemas }: LoadOptions): Promise<Inventory> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(env))
    throw new UsageError(`\`${env}\` cannot be the name of an environment`)
  checkRoles(schemas)
  const dir = resolve(given)
  const faults = new Faults()
  const { tree, folder, files } = await read(env, dir, faults)
  const groups = groupsOfHosts(tree)
  const members = membersOf(groups, tree.groups.keys())
  const played = rolesOf(members, schemas)

  checkKnown([...layers(tree, folder)], schemas, faults)
  const missing = new Missing(groups)
  const checker = new Checker(faults, missing)
  const checked = new Map<string, CheckedVars>()
  for (const host of tree.hosts.values()) {
    const own = groups.get(host.name) ?? []
    const variables = merge(tree, folder, host.name, own)
    checkPlaceholders(host, variables, faults)
    checked.set(host.name, checker.check(host, variables, played(host.name)))
  }
  missing.report({ tree, dir, files }, faults)
  faults.throwIfAny()

  await resolveSecrets(checked, { env, dir }, faults)
  faults.throwIfAny()

  const hosts = [...checked].map(([name, { connection, vars }]): Host => {
    const target = targetOf(name, connection, { env, dir })
    return {
      name,
      groups: groups.get(name) ?? [],
      privateAddress: connection.private_address ?? target.host,
      target,
      vars,
    }
  })
  return { env, dir, hosts, select: selector(hosts, members) }
}

/** Selects hosts by patterns; each pattern is worked out once, since a run asks for the same few again and again. */
function selector(hosts: readonly Host[], members: Members): (pattern: string) => readonly Host[] {
  const byName = new Map(hosts.map((host) => [host.name, host]))
  const known = new Map<string, readonly Host[]>()
  return (pattern) => {
    const selected = known.get(pattern) ?? select(pattern, members).flatMap((name) => byName.get(name) ?? [])
    known.set(pattern, selected)
    return selected
  }
}

/** All files; throws at once only when hosts.yaml cannot be parsed, since all else is judged by it. */
async function read(
  env: string,
  dir: string,
  faults: Faults,
): Promise<{ tree: Tree; folder: VarsFolder; files: { groups: VarsFiles; hosts: VarsFiles } }> {
  const path = await hostsFile(env, dir)
  const files = {
    groups: await findVarsFiles(join(dir, 'group_vars'), faults),
    hosts: await findVarsFiles(join(dir, 'host_vars'), faults),
  }
  const folder = {
    groups: await readVarsFiles(files.groups, faults),
    hosts: await readVarsFiles(files.hosts, faults),
  }
  const file = await readYaml(path, faults)
  if (file === undefined) {
    faults.throwIfAny()
    throw new Error(`${path} was not read`)
  }
  const tree = readTree(file, faults)
  checkNames(files.groups, 'group', tree.groups.keys(), faults)
  checkNames(files.hosts, 'host', tree.hosts.keys(), faults)
  return { tree, folder, files }
}

function* layers(tree: Tree, folder: VarsFolder) {
  for (const group of tree.groups.values()) yield group.vars
  for (const host of tree.hosts.values()) yield host.vars
  yield* folder.groups.values()
  yield* folder.hosts.values()
}
