import { createHmac } from 'node:crypto'
import { listed } from './pattern.ts'

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly file: string
  readonly line: number
  readonly marker: 'revoked' | 'cert-authority' | undefined
  /** the first field: patterns with commas, or one hashed name */
  readonly names: string
  readonly type: string
  readonly key: Buffer
}

/** What the known hosts say of a key that a server showed. */
export type Verdict =
  | { readonly kind: 'known' | 'changed' | 'revoked' | 'certificate'; readonly entry: KnownHost }
  | { readonly kind: 'unknown' }

/** The entries of a known_hosts file; like ssh, it passes over lines that make no sense. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((raw, index) => {
    const fields = raw.trim().split(/[ \t]+/)
    const first = fields[0] ?? ''
    if (first === '' || first.startsWith('#')) return []
    const marker = first.startsWith('@') ? fields.shift()?.slice(1) : undefined
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return []
    const [names, type, base64] = fields
    if (names === undefined || type === undefined || base64 === undefined) return []
    const key = Buffer.from(base64, 'base64')
    return keyType(key) === type ? [{ file, line: index + 1, marker, names, type, key }] : []
  })
}

/** The name under which a host is looked up: bare on port 22, `[host]:port` elsewhere. */
export function knownAs(host: string, port: number): string {
  const name = host.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** The entries that speak of a host. */
export function entriesFor(entries: readonly KnownHost[], name: string): KnownHost[] {
  return entries.filter((entry) =>
    entry.names.startsWith('|')
      ? hashed(entry.names, name)
      : listed(entry.names.toLowerCase().split(','), name),
  )
}

/** Judges the key that a host showed by the entries that speak of it. */
export function judge(entries: readonly KnownHost[], key: Buffer): Verdict {
  const same = (entry: KnownHost) => entry.key.equals(key)
  const revoked = entries.find((entry) => entry.marker === 'revoked' && same(entry))
  if (revoked) return { kind: 'revoked', entry: revoked }
  const plain = entries.filter((entry) => entry.marker === undefined)
  const known = plain.find(same)
  if (known) return { kind: 'known', entry: known }
  // An entry of the key's own type is the one that it contradicts; else any, since known types were asked for first.
  const changed = plain.find((entry) => entry.type === keyType(key)) ?? plain[0]
  if (changed) return { kind: 'changed', entry: changed }
  const authority = entries.find((entry) => entry.marker === 'cert-authority')
  return authority ? { kind: 'certificate', entry: authority } : { kind: 'unknown' }
}

/** A public key's type, which stands first in its bytes (RFC 4253, 6.6). */
export function keyType(key: Buffer): string {
  if (key.length < 4) return ''
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
}

/** `|1|salt|HMAC-SHA1(salt, name)`, both in base64. */
function hashed(names: string, name: string): boolean {
  const [, version, salt, hash] = names.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}
