import { Vault } from '../secret/age/vault.ts'
import { SecretError } from '../secret/error.ts'
import type { Secret } from '../secret/index.ts'
import { Resolver } from '../secret/resolver.ts'
import { isServerName } from '../secret/source.ts'
import { stateDir } from '../state.ts'
import { type CheckedVars, type FoundSecret, valueAt } from './check.ts'
import { Decrypted, type EncryptedFile } from './encrypted.ts'
import { Faults, shownPath, shownPlace } from './fault.ts'
import { didYouMean } from './nearest.ts'
import { expandPath, type PathContext } from './path.ts'
import { Unfetched } from './unfetched.ts'

/** Where a host's secrets come from. */
export interface SecretContext extends PathContext {
  /** the groups of each host, parents before children */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly wanted: ReadonlySet<string>
  readonly decrypted: Decrypted | undefined
}

/** Opens the encrypted files; undefined where there is none. */
export async function decryptAll(
  dir: string,
  encrypted: readonly EncryptedFile[],
): Promise<Decrypted | undefined> {
  if (encrypted.length === 0) return undefined
  const faults = new Faults()
  const decrypted = await Decrypted.open(encrypted, new Vault(dir, shownPath), faults)
  faults.throwIfAny()
  return decrypted
}

/**
 * Puts a Secret in the place of every source; those that cannot be had are faults, all of them at once. Sources that
 * only hosts outside `wanted` have are not asked: a limited run needs no more secrets than its own hosts'.
 */
export async function resolveSecrets(
  hosts: ReadonlyMap<string, CheckedVars>,
  context: SecretContext,
  faults: Faults,
): Promise<void> {
  const resolver = new Resolver({
    ...context,
    state: stateDir(context.env),
    path: (given) => expandPath(given, context),
    serverNames: serverNames(hosts, faults),
  })
  const asked = new Set(
    [...hosts].flatMap(([name, { secrets, connectionSecrets }]) =>
      context.wanted.has(name) ? [...secrets, ...connectionSecrets].map(keyOf) : [],
    ),
  )
  for (const [name, { vars, secrets, connection, connectionSecrets }] of hosts) {
    const all = [
      ...secrets.map((secret) => ({ root: vars, secret })),
      ...connectionSecrets.map((secret) => ({ root: connection, secret })),
    ]
    for (const { root, secret } of all) {
      const outside = 'from_age' in secret.source && !context.wanted.has(name)
      if (outside || !asked.has(keyOf(secret))) {
        put(root, secret.path, new Unfetched(secret.name, name))
        continue
      }
      try {
        const source = sameForAll(secret)
        const value =
          'from_age' in source ? fromAge(source.from_age, name, context) : await resolver.resolve(source)
        put(root, secret.path, value)
      } catch (error) {
        if (!(error instanceof SecretError)) throw error
        faults.add(secret.place, `\`${secret.name}\`: ${error.message}`, error.hint)
      }
    }
  }
}

/** The nearest value of that name: its host's own, or else of the nearest of its groups. Throws a SecretError. */
export function fromAge(name: string, host: string, context: Omit<SecretContext, 'wanted'>): Secret {
  const { decrypted, env } = context
  const groups = context.groups.get(host) ?? []
  const value = decrypted?.find(name, host, groups)
  if (value !== undefined) return value
  const known = decrypted?.names(host, groups) ?? []
  throw new SecretError(
    `no encrypted file holds \`${name}\` for ${host}`,
    didYouMean(name, known) ?? `put it into one: npx zx playbooks/secrets.ts edit --env ${env}`,
  )
}

function keyOf(secret: FoundSecret): string {
  return JSON.stringify(sameForAll(secret))
}

/** The certificate and the key are one pair, whichever of the two names the servers. */
function sameForAll({ source }: FoundSecret): FoundSecret['source'] {
  return 'local_ca' in source ? { local_ca: source.local_ca } : source
}

/**
 * The names on the local CA's server certificate: those that the sources give, who must agree since an environment has
 * one such certificate; otherwise localhost and every host's name and addresses.
 */
function serverNames(hosts: ReadonlyMap<string, CheckedVars>, faults: Faults): readonly string[] {
  let first: { secret: FoundSecret; names: readonly string[] } | undefined
  for (const secret of [...hosts.values()].flatMap(({ secrets }) => secrets)) {
    const names = 'local_ca' in secret.source ? secret.source.names : undefined
    if (names === undefined) continue
    first ??= { secret, names }
    if (sorted(names) === sorted(first.names)) continue
    const other = shownPlace(first.secret.place)
    faults.add(
      secret.place,
      `\`${secret.name}\`: these names differ from those of \`${first.secret.name}\` at ${other}`,
      'an environment has one local server certificate: give both the same names, or only one of them names',
    )
  }
  if (first !== undefined) return first.names
  const own = [...hosts].flatMap(([name, { connection }]) => [
    name,
    connection.host,
    connection.private_address,
  ])
  const names = ['localhost', '127.0.0.1', '::1', ...own]
  return [...new Set(names.filter((name) => name !== undefined && isServerName(name)))] as string[]
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join()
}

function put(root: object, path: readonly string[], value: unknown): void {
  const container = valueAt(root, path.slice(0, -1))
  const last = path.at(-1)
  if (typeof container === 'object' && container !== null && last !== undefined)
    Reflect.set(container, last, value)
}
