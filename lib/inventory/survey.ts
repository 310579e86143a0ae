import { join, resolve } from 'node:path'
import { UsageError } from '../error.ts'
import { type CheckedVars, Checker } from './check.ts'
import { checkEncryptedNames, type Decrypted, type EncryptedFile, findEncrypted } from './encrypted.ts'
import { hostsFile, hostsFileIn } from './environments.ts'
import { Faults } from './fault.ts'
import { readTree } from './hosts-file.ts'
import { checkKept, hostsSource } from './hosts-source.ts'
import type { LoadOptions } from './inventory.ts'
import { checkKnown } from './known.ts'
import { Missing } from './missing.ts'
import { checkPlaceholders } from './placeholder.ts'
import { type Layer, layersOf, merge } from './precedence.ts'
import { checkRoles, type PlayedRole, rolesOf } from './roles.ts'
import { type Members, membersOf, select } from './select.ts'
import { groupsOfHosts, type Tree, type VarsFolder } from './tree.ts'
import type { Variables } from './variable.ts'
import { checkNames, findVarsFiles, readVarsFiles, type VarsFiles } from './vars-files.ts'
import { readYaml } from './yaml.ts'

/** All that the files of an inventory say, and what is wrong with it. No secret was fetched. */
export interface Survey {
  readonly env: string
  /** absolute path of the folder */
  readonly dir: string
  readonly tree: Tree
  readonly folder: VarsFolder
  /** the groups of each host, parents before children */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly members: Members
  /** where each host's variables come from, the winner last */
  readonly layers: ReadonlyMap<string, readonly Layer[]>
  /** each host's variables with defaults filled in, and sources in the place of secrets; worth using without faults */
  readonly checked: ReadonlyMap<string, CheckedVars>
  /** the roles that a host is played, each once */
  readonly played: (host: string) => readonly PlayedRole[]
  /** hosts by a pattern; throws where a part of it matches nothing */
  readonly select: (pattern: string) => readonly string[]
  /** encrypted files; what they hold is among the variables once they were opened, and not missed before */
  readonly encrypted: readonly EncryptedFile[]
  readonly faults: Faults
}

/**
 * Reads and checks all files of an environment. Faults are gathered, not thrown; thrown is only what leaves nothing to
 * survey: no such environment, a hosts.yaml that cannot be parsed, extra variables that are none.
 */
export async function survey(
  { env, dir: given, schemas, besides = [], extraVars = [] }: LoadOptions,
  decrypted?: Decrypted,
): Promise<Survey> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(env))
    throw new UsageError(`\`${env}\` cannot be the name of an environment`)
  checkRoles(schemas)
  const dir = resolve(given)
  const faults = new Faults()
  const extra = extraVars.length === 0 ? undefined : await extraFrom(extraVars, schemas)
  const { tree, folder: plain, files } = await read(env, dir, faults)
  const encrypted = await findEncrypted(dir)
  checkEncryptedNames(encrypted, tree, faults)
  const folder = decrypted === undefined ? plain : decrypted.over(plain, faults)
  const groups = groupsOfHosts(tree)
  const members = membersOf(groups, tree.groups.keys())
  const played = rolesOf(members, schemas)

  // An encrypted file may hold names that are no variable's, for sources to refer to.
  const known = [...schemas, ...besides]
  checkKnown([...everywhere(tree, plain), ...(extra === undefined ? [] : [extra])], known, faults)
  const missing = new Missing(groups, { secretsToo: encrypted.length === 0 || decrypted !== undefined })
  const checker = new Checker(faults, missing)
  const layers = new Map<string, readonly Layer[]>()
  const checked = new Map<string, CheckedVars>()
  for (const host of tree.hosts.values()) {
    const own = layersOf({ tree, folder, ...(extra && { extra }) }, host.name, groups.get(host.name) ?? [])
    const variables = merge(own)
    layers.set(host.name, own)
    checkPlaceholders(host, variables, faults)
    checked.set(host.name, checker.check(host, variables, played(host.name)))
  }
  missing.report({ tree, dir, files }, faults)
  return {
    env,
    dir,
    tree,
    folder,
    groups,
    members,
    layers,
    checked,
    played,
    encrypted,
    select: (pattern: string) => select(pattern, members),
    faults,
  }
}

async function extraFrom(given: readonly string[], schemas: readonly PlayedRole[]): Promise<Variables> {
  const { readExtraVars } = await import('./extra-vars.ts')
  return readExtraVars(given, schemas)
}

/** All files; throws at once only when hosts.yaml cannot be parsed, since all else is judged by it. */
async function read(
  env: string,
  dir: string,
  faults: Faults,
): Promise<{ tree: Tree; folder: VarsFolder; files: { groups: VarsFiles; hosts: VarsFiles } }> {
  const source = await hostsSource(dir, faults)
  if (source !== undefined) await checkKept(source, { env, path: hostsFileIn(dir) }, faults)
  // Without hosts, or with some that nobody vouches for, there is nothing to survey.
  if (source !== undefined && hostsFileIn(dir) === undefined) faults.throwIfAny()
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

function* everywhere(tree: Tree, folder: VarsFolder) {
  for (const group of tree.groups.values()) yield group.vars
  for (const host of tree.hosts.values()) yield host.vars
  yield* folder.groups.values()
  yield* folder.hosts.values()
}
