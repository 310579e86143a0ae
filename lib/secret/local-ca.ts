import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { dirname, join } from 'node:path'
import { inDraft } from './draft.ts'
import { SecretError } from './error.ts'
import { makeAuthority, makeCertificate, writeKey } from './openssl.ts'

const day = 86_400_000
const authorityDays = 3650
/** what browsers accept at most for a server is 398 */
const serverDays = 397
const renewBeforeDays = 30

/** A certificate chain and its key, as PEM. */
export interface ServerIdentity {
  readonly certificate: string
  readonly key: string
}

/**
 * The server certificate of an environment without a public name, from an authority of its own: `folder` holds
 * ca.crt (what clients trust), ca.key, server.crt (the full chain) and server.key, keys with mode 0600. It is made
 * on first use, and server.crt again when the names change or it has less than 30 days left. server.key stays then:
 * so one rename renews, and a concurrent run never sees a certificate beside another one's key.
 */
export async function localCa(options: {
  folder: string
  env: string
  names: readonly string[]
  now?: Date
}): Promise<ServerIdentity> {
  const { folder, env, names, now = new Date() } = options
  const files = paths(folder)
  await makeOnce(folder, env, names, now)
  if (!(await isGood(folder, names, now))) await renew(folder, names, now)
  return { certificate: await readFile(files.server, 'utf8'), key: await readFile(files.serverKey, 'utf8') }
}

function paths(folder: string) {
  return {
    ca: join(folder, 'ca.crt'),
    caKey: join(folder, 'ca.key'),
    server: join(folder, 'server.crt'),
    serverKey: join(folder, 'server.key'),
  }
}

/** Makes the whole folder beside its place and renames it there; another run's that got there first is kept. */
async function makeOnce(folder: string, env: string, names: readonly string[], now: Date): Promise<void> {
  if (existsSync(folder)) {
    const missing = Object.values(paths(folder)).filter((path) => !existsSync(path))
    if (missing.length > 0) {
      const hint = `restore it, or start anew: rm -r ${folder} (clients must then trust the new ca.crt)`
      throw new SecretError(`the local CA is incomplete: ${missing.join(', ')} does not exist`, hint)
    }
    if (daysLeft(await certificateAt(paths(folder).ca), now) >= renewBeforeDays) return
    await rename(folder, `${folder}.expired-${now.getTime()}`)
  }
  await inDraft(dirname(folder), async (draft) => {
    const files = paths(draft)
    await writeKey(files.caKey)
    await makeAuthority(draft, `quayside ${env} CA`, authorityDays)
    await writeKey(files.serverKey)
    await issue(draft, draft, names, serverDays)
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  })
}

async function renew(folder: string, names: readonly string[], now: Date): Promise<void> {
  const left = Math.floor(daysLeft(await certificateAt(paths(folder).ca), now))
  await inDraft(dirname(folder), async (draft) => {
    await issue(draft, folder, names, Math.min(serverDays, left))
    await rename(paths(draft).server, paths(folder).server)
  })
}

/** Writes the draft's server.crt: a certificate for the server key in `folder` and the authority's own after it. */
async function issue(draft: string, folder: string, names: readonly string[], days: number): Promise<void> {
  const { ca, caKey, serverKey } = paths(folder)
  await makeCertificate(draft, { usage: 'server', key: serverKey, caCertificate: ca, caKey, names, days })
  const leaf = await readFile(join(draft, 'leaf.crt'), 'utf8')
  await writeFile(paths(draft).server, `${leaf}${await readFile(ca, 'utf8')}`)
  await Promise.all(
    ['ca.cnf', 'leaf.cnf', 'leaf.csr', 'leaf.crt'].map((name) => rm(join(draft, name), { force: true })),
  )
}

async function isGood(folder: string, names: readonly string[], now: Date): Promise<boolean> {
  const files = paths(folder)
  const server = await certificateAt(files.server)
  const authority = await certificateAt(files.ca)
  return (
    daysLeft(server, now) >= renewBeforeDays &&
    server.verify(authority.publicKey) &&
    server.checkPrivateKey(createPrivateKey(await readFile(files.serverKey))) &&
    sameNames(namesOf(server), names)
  )
}

async function certificateAt(path: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(path))
}

function daysLeft(certificate: X509Certificate, now: Date): number {
  return (Date.parse(certificate.validTo) - now.getTime()) / day
}

/** subjectAltName reads "DNS:a.test, IP Address:127.0.0.1". */
function namesOf(certificate: X509Certificate): readonly string[] {
  const entries = (certificate.subjectAltName ?? '').split(', ')
  return entries.map((entry) => entry.replace(/^(DNS|IP Address):/, ''))
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const canonical = (names: readonly string[]) => [...new Set(names.map(oneSpelling))].sort().join()
  return canonical(a) === canonical(b)
}

/** IPv6 addresses have many spellings; a URL knows one. */
function oneSpelling(name: string): string {
  return isIPv6(name) ? new URL(`http://[${name}]`).hostname : name.toLowerCase()
}
