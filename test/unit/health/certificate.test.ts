import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificatesIn, judgeChain } from '../../../lib/health/certificate.ts'
import { makeAuthority, makeCertificate, writeKey } from '../../../lib/secret/openssl.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-'))
const at = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true }))

const day = 86_400_000
let root: X509Certificate
let stranger: X509Certificate
let leaf: X509Certificate

beforeAll(async () => {
  await writeKey(at('ca.key'))
  await makeAuthority(folder, 'a stranger', 30)
  stranger = new X509Certificate(readFileSync(at('ca.crt')))
  await makeAuthority(folder, 'the root', 400)
  root = new X509Certificate(readFileSync(at('ca.crt')))
  await writeKey(at('server.key'))
  await makeCertificate(folder, {
    usage: 'server',
    key: at('server.key'),
    caCertificate: at('ca.crt'),
    caKey: at('ca.key'),
    names: ['a.test', '*.b.test', '10.0.0.1'],
    days: 100,
  })
  leaf = new X509Certificate(readFileSync(at('leaf.crt')))
})

/** The verdict so many days before the server's certificate ends. */
const judged = (daysLeft: number, names: readonly string[] = ['a.test'], roots = [root], shown = [leaf]) =>
  judgeChain(shown, { names, roots, now: new Date(Date.parse(leaf.validTo) - daysLeft * day) })

test.each([
  [50, 'ok', '50 days left, good for a.test'],
  [21.5, 'ok', '21 days left'],
  [20.5, 'warning', '20 days left'],
  [7.5, 'warning', '7 days left'],
  [6.5, 'failed', '6 days left'],
  [-2.5, 'failed', 'expired 3 days ago'],
  [200, 'failed', 'not valid yet'],
])('%d days before its end a certificate is %s', (days, verdict, seen) => {
  expect(judged(days)).toMatchObject({
    verdict,
    seen: expect.stringContaining(seen),
    daysLeft: expect.closeTo(days, 3),
  })
})

test.each([
  [['a.test', '_', '10.0.0.1', '*.b.test'], 'ok', 'good for'],
  [['x.b.test'], 'ok', 'good for'],
  [['b.test'], 'failed', 'not good for b.test'],
  [['.b.test'], 'failed', 'not good for .b.test'],
  [['a.test', '10.0.0.2'], 'failed', 'not good for 10.0.0.2'],
])('of the names %j', (names, verdict, seen) => {
  expect(judged(50, names)).toMatchObject({ verdict, seen: expect.stringContaining(seen) })
})

test('a chain whose issuer nobody shows is not complete', () => {
  expect(judged(50, ['a.test'], [])).toMatchObject({
    verdict: 'failed',
    seen: expect.stringContaining('the chain is not complete: the certificate of the root is not shown'),
  })
})

test('a root that is shown, and that nobody trusts, is no end of a chain', () => {
  expect(judged(50, ['a.test'], [], [leaf, root])).toMatchObject({
    verdict: 'failed',
    seen: expect.stringContaining('its root is trusted by nobody: the root'),
  })
  expect(judged(50, ['a.test'], [stranger], [leaf, stranger])).toMatchObject({ verdict: 'failed' })
  expect(judged(50, ['a.test'], [root], [leaf, root])).toMatchObject({ verdict: 'ok' })
})

test('certificates are found in what openssl prints', () => {
  const text = `CONNECTED(3)\n---\n${leaf.toString()} 1 s:/CN=x\n${root.toString()}---\n`
  expect(certificatesIn(text).map(({ fingerprint256 }) => fingerprint256)).toEqual([
    leaf.fingerprint256,
    root.fingerprint256,
  ])
})
