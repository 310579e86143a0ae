import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { privateCa, privateNames } from '../../../lib/secret/private-ca.ts'

const day = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * day)
let root = ''
let folder = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quayside-private-ca-'))
  folder = join(root, 'lab', 'private-ca')
})
afterEach(() => rm(root, { recursive: true }))

const make = (now = new Date()) => privateCa({ folder, env: 'lab', now })

test('a certificate for who serves and one for who is served, by an authority of its own', async () => {
  const made = await make()
  const authority = new X509Certificate(made.authority)
  const server = new X509Certificate(made.server_certificate)
  const client = new X509Certificate(made.client_certificate)
  expect(authority.ca).toBe(true)
  for (const [certificate, key] of [
    [server, made.server_key],
    [client, made.client_key],
  ] as const) {
    expect(certificate.verify(authority.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
  }
  expect(server.checkHost(privateNames.server)).toBe(privateNames.server)
  expect(client.checkHost(privateNames.client)).toBe(privateNames.client)
  // id-kp-serverAuth and id-kp-clientAuth: neither can stand in for the other.
  expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
})

test('it stays, with its keys for the owner alone; a certificate is renewed in its last 30 days', async () => {
  const first = await make()
  expect(await make()).toEqual(first)
  expect((await readdir(folder)).sort()).toEqual(
    ['ca.crt', 'ca.key', 'client.crt', 'client.key', 'server.crt', 'server.key'].sort(),
  )
  expect(await readdir(join(root, 'lab'))).toEqual(['private-ca'])
  for (const name of ['ca.key', 'client.key', 'server.key'])
    expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600)
  const later = await make(inDays(397 - 29))
  expect(later.server_certificate).not.toBe(first.server_certificate)
  expect(later.client_certificate).not.toBe(first.client_certificate)
  expect({ ...later, server_certificate: '', client_certificate: '' }).toEqual({
    ...first,
    server_certificate: '',
    client_certificate: '',
  })
})

test('an authority that nears its end gives way to another; one that lacks a file is a fault', async () => {
  const first = await make()
  expect((await make(inDays(3650 - 10))).authority).not.toBe(first.authority)
  await unlink(join(folder, 'client.key'))
  await expect(make()).rejects.toThrow(/incomplete: .*client\.key does not exist/)
})
