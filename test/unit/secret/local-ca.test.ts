import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { localCa } from '../../../lib/secret/local-ca.ts'

const day = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * day)
let root = ''
let folder = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quayside-ca-'))
  folder = join(root, 'lab', 'ca')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true })
})

const make = (names: readonly string[] = ['lab.test', '10.0.0.1'], now?: Date) =>
  localCa({ folder, env: 'lab', names, ...(now === undefined ? {} : { now }) })
const daysOf = (certificate: X509Certificate) => (Date.parse(certificate.validTo) - Date.now()) / day

test('an authority for ten years and a server certificate for 397 days, as a chain', async () => {
  const { certificate, key } = await make(['lab.test', '*.lab.test', '10.0.0.1', '::1'])
  const authority = new X509Certificate(await readFile(join(folder, 'ca.crt')))
  const server = new X509Certificate(certificate)
  expect(certificate.endsWith(await readFile(join(folder, 'ca.crt'), 'utf8'))).toBe(true)
  expect(authority.ca).toBe(true)
  expect(daysOf(authority)).toBeCloseTo(3650, 0)
  expect(server.ca).toBe(false)
  expect(daysOf(server)).toBeCloseTo(397, 0)
  expect(server.verify(authority.publicKey)).toBe(true)
  expect(server.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect(server.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
  expect(server.checkHost('lab.test')).toBe('lab.test')
  expect(server.checkHost('api.lab.test')).toBe('*.lab.test')
  expect(server.checkIP('10.0.0.1')).toBe('10.0.0.1')
  expect(server.checkIP('::1')).toBe('::1')
  expect(server.checkHost('other.test')).toBeUndefined()
})

test('only these files are left, the keys for the owner alone', async () => {
  await make()
  await make(['other.test'])
  expect((await readdir(folder)).sort()).toEqual(['ca.crt', 'ca.key', 'server.crt', 'server.key'])
  expect(await readdir(join(root, 'lab'))).toEqual(['ca'])
  for (const [name, mode] of [
    ['', 0o700],
    ['ca.key', 0o600],
    ['server.key', 0o600],
  ] as const) {
    expect((await stat(join(folder, name))).mode & 0o777, name).toBe(mode)
  }
})

test('it stays while names and time allow, and is renewed with the same authority and key otherwise', async () => {
  const names = ['lab.test', '::1', '10.0.0.1']
  const first = await make(names)
  const authority = await readFile(join(folder, 'ca.crt'), 'utf8')
  expect(await make([...names].reverse())).toEqual(first)
  expect(await make(names, inDays(360))).toEqual(first)
  const late = await make(names, inDays(370))
  expect(late.certificate).not.toBe(first.certificate)
  const renamed = await make(['new.test'])
  expect(new X509Certificate(renamed.certificate).subjectAltName).toBe('DNS:new.test')
  expect(renamed.key).toBe(first.key)
  expect(await readFile(join(folder, 'ca.crt'), 'utf8')).toBe(authority)
})

test('a server certificate never outlives its authority, and a dying authority is replaced', async () => {
  await make(['lab.test'])
  const authority = await readFile(join(folder, 'ca.crt'), 'utf8')
  const short = await make(['lab.test'], inDays(3600))
  expect(daysOf(new X509Certificate(short.certificate))).toBeLessThan(50)
  await make(['lab.test'], inDays(3630))
  expect(await readFile(join(folder, 'ca.crt'), 'utf8')).not.toBe(authority)
  expect((await readdir(join(root, 'lab'))).length).toBe(2)
})

test('runs that race get one authority and matching pairs', async () => {
  const made = await Promise.all([make(), make(), make()])
  expect(new Set(made.map(({ key }) => key)).size).toBe(1)
  for (const { certificate, key } of made) {
    expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))).toBe(true)
  }
})

test('a lost file is told, not papered over', async () => {
  await make()
  await rm(join(folder, 'ca.key'))
  await expect(make()).rejects.toMatchObject({
    message: `the local CA is incomplete: ${folder}/ca.key does not exist`,
    hint: expect.stringContaining(`rm -r ${folder}`),
  })
})

test('without openssl', async () => {
  vi.stubEnv('PATH', root)
  await expect(make()).rejects.toMatchObject({
    message: 'the program openssl is not installed',
    hint: 'apt-get install openssl',
  })
  expect(await readdir(join(root, 'lab'))).toEqual([])
})
