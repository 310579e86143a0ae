import { targetOf } from './connection-vars.ts'
import type { Host, Inventory, LoadOptions } from './inventory.ts'
import { withJumps } from './jumps.ts'
import { limited } from './limit.ts'
import { decryptAll, resolveSecrets } from './secrets.ts'
import { type Members, select } from './select.ts'
import { survey } from './survey.ts'

/**
 * Loads the inventory of an environment and checks all of it before any host is contacted: reads all files, merges,
 * checks everything, and then fetches secrets. Throws an InventoryError with every fault found, or a UsageError when
 * there is no such environment. Import this file lazily: yaml and ajv cost 40 ms, which --help need not wait for.
 */
export async function loadInventory(options: LoadOptions): Promise<Inventory> {
  const plain = await survey(options)
  plain.faults.throwIfAny()
  // Only what is sound without them is worth asking a person for the key of encrypted files.
  const decrypted = options.secrets === false ? undefined : await decryptAll(plain.dir, plain.encrypted)
  const { env, dir, groups, members, checked, faults } =
    decrypted === undefined ? plain : await survey(options, decrypted)
  faults.throwIfAny()

  const { limit, secrets = true } = options
  const wanted = limit === undefined ? members.hosts : limited(limit, members)
  const asked = new Set(secrets ? wanted : [])
  await resolveSecrets(checked, { env, dir, groups, wanted: asked, decrypted }, faults)
  faults.throwIfAny()

  const targets = withJumps(checked, (name, connection) => targetOf(name, connection, { env, dir }), faults)
  faults.throwIfAny()

  const hosts = [...checked].map(([name, { connection, vars }]): Host => {
    const target = targets.get(name) ?? targetOf(name, connection, { env, dir })
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
