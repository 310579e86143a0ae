import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inDraft } from './draft.ts'
import { SecretError } from './error.ts'
import { makeAuthority, makeCertificate, writeKey } from './openssl.ts'
import type { PrivatePart } from './source.ts'

/** PEM texts. */
export type PrivateIdentities = Readonly<Record<PrivatePart, string>>

/** The names that the two certificates are made out to: who a peer is, wherever it runs. */
export const privateNames = { server: 'quayside-server', client: 'quayside-client' } as const

const day = 86_400_000
const authorityDays = 3650
const leafDays = 397
const renewBeforeDays = 30

const roles = ['server', 'client'] as const
const names = ['ca', ...roles]

/**
 * An authority of an environment's own, and a certificate by it for hosts that serve and one for hosts that are served:
 * mutual TLS between them, and nobody else's. `folder` holds ca, server and client, each .crt and .key, keys with mode
 * 0600. It is made on first use; a certificate is renewed with its key when it has less than 30 days left, by one rename,
 * so that a concurrent run sees the old one or the new. Throws a SecretError.
 */
export async function privateCa(options: {
  folder: string
  env: string
  now?: Date
}): Promise<PrivateIdentities> {
  const { folder, env, now = new Date() } = options
  await makeOnce(folder, env, now)
  for (const role of roles) {
    if (daysLeft(await read(folder, `${role}.crt`), now) < renewBeforeDays)
      await inDraft(dirname(folder), async (draft) => {
        await issue(draft, folder, role, now)
        await rename(join(draft, 'leaf.crt'), join(folder, `${role}.crt`))
      })
  }
  return {
    authority: await read(folder, 'ca.crt'),
    server_certificate: await read(folder, 'server.crt'),
    server_key: await read(folder, 'server.key'),
    client_certificate: await read(folder, 'client.crt'),
    client_key: await read(folder, 'client.key'),
  }
}

/** Makes the whole folder beside its place and renames it there; another run's that got there first is kept. */
async function makeOnce(folder: string, env: string, now: Date): Promise<void> {
  if (existsSync(folder)) {
    const files = names.flatMap((name) => [`${name}.crt`, `${name}.key`])
    const missing = files.filter((name) => !existsSync(join(folder, name)))
    if (missing.length > 0)
      throw new SecretError(
        `the private CA is incomplete: ${missing.map((name) => join(folder, name)).join(', ')} does not exist`,
        `restore it, or start anew: rm -r ${folder} (the next run gives every host the new one)`,
      )
    if (daysLeft(await read(folder, 'ca.crt'), now) >= renewBeforeDays) return
    await rename(folder, `${folder}.expired-${now.getTime()}`)
  }
  await inDraft(dirname(folder), async (draft) => {
    await writeKey(join(draft, 'ca.key'))
    await makeAuthority(draft, `quayside ${env} private CA`, authorityDays)
    for (const role of roles) {
      await writeKey(join(draft, `${role}.key`))
      await issue(draft, draft, role, now)
      await rename(join(draft, 'leaf.crt'), join(draft, `${role}.crt`))
    }
    for (const name of ['ca.cnf', 'leaf.cnf', 'leaf.csr']) await rm(join(draft, name), { force: true })
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
  })
}

/** Writes the draft's leaf.crt, by the authority in `folder` and for the key there; it never outlives the authority. */
async function issue(draft: string, folder: string, role: 'server' | 'client', now: Date): Promise<void> {
  const left = Math.floor(daysLeft(await read(folder, 'ca.crt'), now))
  await makeCertificate(draft, {
    usage: role,
    key: join(folder, `${role}.key`),
    caCertificate: join(folder, 'ca.crt'),
    caKey: join(folder, 'ca.key'),
    names: [privateNames[role]],
    days: Math.min(leafDays, left),
  })
}

function read(folder: string, name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8')
}

function daysLeft(certificate: string, now: Date): number {
  return (Date.parse(new X509Certificate(certificate).validTo) - now.getTime()) / day
}
