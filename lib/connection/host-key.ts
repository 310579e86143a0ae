import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { quote } from '../script/index.ts'
import { addKnownHost } from './accept.ts'
import { ConnectionError } from './error.ts'
import { entriesFor, judge, type KnownHost, keyType, knownAs, parseKnownHosts } from './known-hosts.ts'
import type { Settled } from './settled.ts'

/** What is known of a host before its key is seen. */
export interface Trust {
  readonly target: Settled
  readonly entries: readonly KnownHost[]
  /** the file that a person adds to */
  readonly file: string
}

/** Signature algorithms by key type, in the order we like them. SHA-1 (`ssh-rsa`) is not among them. */
const algorithms: readonly (readonly [type: string, algorithms: readonly ServerHostKeyAlgorithm[]])[] = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]

/** Reads the known hosts. A file that is missing is empty. */
export async function loadTrust(target: Settled): Promise<Trust> {
  const files = target.knownHostsFiles
  const entries = await Promise.all(files.map((each) => load(target, each)))
  const [file = join(homedir(), '.ssh', 'known_hosts')] = files
  return { target, file, entries: entriesFor(entries.flat(), nameOf(target)) }
}

/** The name under which a host's key is looked up. */
function nameOf({ hostKeyAlias, host, port }: Settled): string {
  return hostKeyAlias?.toLowerCase() ?? knownAs(host, port)
}

/** All algorithms, those of the known keys first: a server with several keys then shows the one that is known. */
export function hostKeyAlgorithms(trust: Trust): ServerHostKeyAlgorithm[] {
  const known = new Set(
    trust.entries.filter((entry) => entry.marker === undefined).map((entry) => entry.type),
  )
  const rank = (type: string) => (known.has(type) ? 0 : 1)
  return algorithms.toSorted(([a], [b]) => rank(a) - rank(b)).flatMap(([, names]) => names)
}

/** Why a key is not to be trusted, with what to type; undefined for a known key. */
export function distrust(trust: Trust, key: Buffer): ConnectionError | undefined {
  const { target } = trust
  const { host, port } = target
  const verdict = judge(trust.entries, key)
  if (verdict.kind === 'known') return undefined
  const shown = `${keyType(key)} ${fingerprint(key)}`
  const refuse = (message: string, hint: string) =>
    new ConnectionError(target.name, message, { reason: 'host-key', hint })
  if (verdict.kind === 'unknown') {
    return refuse(
      `the host key of ${host} port ${port} is not known: ${shown}`,
      `check this fingerprint on the host (ssh-keygen -lf /etc/ssh/ssh_host_${short(key)}_key.pub), then: ${addition(trust, key)}`,
    )
  }
  const { entry } = verdict
  const at = `${entry.file}:${entry.line}`
  if (verdict.kind === 'revoked') {
    return refuse(
      `the host key of ${host} port ${port} is revoked by ${at}: ${shown}`,
      'give the host a new key',
    )
  }
  if (verdict.kind === 'certificate') {
    return refuse(
      `${host} port ${port} is known by a certificate authority only (${at}), and host certificates are not supported`,
      `check the fingerprint ${fingerprint(key)}, then add the key itself: ${addition(trust, key)}`,
    )
  }
  return refuse(
    `the host key of ${host} port ${port} has changed: it shows ${shown}, ${at} says ${entry.type} ${fingerprint(entry.key)}`,
    `someone may be listening in. If the host was rebuilt: ssh-keygen -R '${nameOf(target)}' -f ${quote(entry.file)}`,
  )
}

/** Whether a key may be accepted by who said so beforehand: nothing at all is known of the host. */
export function isNew(trust: Trust, key: Buffer): boolean {
  return judge(trust.entries, key).kind === 'unknown'
}

/** Adds a new key to the known hosts, and says so in words. Throws when the host is known by another key by now. */
export async function accept(trust: Trust, key: Buffer): Promise<string | undefined> {
  const { target, file } = trust
  const added = await addKnownHost(file, nameOf(target), key, async () => {
    const now = await loadTrust(target)
    if (isNew(now, key)) return 'add'
    const refusal = distrust(now, key)
    if (refusal) throw refusal
    return 'known'
  })
  if (!added) return undefined
  return `accepted the new host key of ${nameOf(target)}: ${keyType(key)} ${fingerprint(key)}, into ${file}`
}

/** As OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

async function load(target: Settled, file: string): Promise<KnownHost[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    const hint = 'make it readable, or name another file in the inventory'
    throw new ConnectionError(target.name, `cannot read known hosts ${file}`, {
      reason: 'host-key',
      hint,
      cause,
    })
  }
}

/** What to type to have a key known. ssh-keyscan knows no aliases, and no way round a jump host. */
function addition({ target, file }: Trust, key: Buffer): string {
  const { host, port, hostKeyAlias, jump, proxyCommand } = target
  if (hostKeyAlias === undefined && jump.length === 0 && proxyCommand === undefined)
    return `ssh-keyscan -p ${port} ${host} >> ${quote(file)}`
  return `echo '${nameOf(target)} ${keyType(key)} ${key.toString('base64')}' >> ${quote(file)}`
}

function short(key: Buffer): string {
  const type = keyType(key)
  return type.startsWith('ecdsa') ? 'ecdsa' : type.replace('ssh-', '')
}
