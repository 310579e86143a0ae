import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { request } from 'node:https'
import { connect } from 'node:tls'
import { afterAll, describe, expect, test } from 'vitest'
import { hosts } from '../../lib/lab/topology.ts'
import { launchBrowser } from '../browser.ts'
import { onHost } from './lab-host.ts'
import { inLab } from './playbook.ts'
import { labCa } from './traffic.ts'

const edge = hosts.find(({ name }) => name === 'edge-1')?.address ?? ''
const origin = `${edge}:443`
const ca = labCa()

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly bytes: Buffer
  /** what nginx wrote in its log of it */
  readonly logged: { readonly cache: string; readonly upstream: string }
}

/** One request to edge-1, and what nginx logged of it. */
async function asked(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const id = `nginx-test-${randomBytes(6).toString('hex')}`
  const answer = await new Promise<Omit<Answer, 'logged'>>((resolve, reject) => {
    request(
      { host: edge, path, ca, servername: 'localhost', headers: { ...headers, 'x-request-id': id } },
      (got) => {
        const chunks: Buffer[] = []
        got.on('data', (chunk: Buffer) => chunks.push(chunk))
        got.on('end', () =>
          resolve({ status: got.statusCode, headers: got.headers, bytes: Buffer.concat(chunks) }),
        )
      },
    )
      .on('error', reject)
      .end()
  })
  const line = await onHost('edge-1', `docker logs --since 1m nginx 2>/dev/null | grep -F ${id}`)
  return { ...answer, logged: JSON.parse(line) }
}

async function anAsset(): Promise<string> {
  const page = await asked('/')
  expect(page.logged.cache).toBe('')
  const [path] = /\/_next\/static\/chunks\/[^"]+\.js/.exec(page.bytes.toString()) ?? []
  if (path === undefined) throw new Error('the page has no script')
  return path
}

describe('files of an app whose names change with their content', () => {
  test('are asked of the app once, and are the same from then on, compressed or not', async () => {
    const path = `${await anAsset()}?${randomBytes(4).toString('hex')}`
    const first = await asked(path)
    const again = await asked(path)
    const small = await asked(path, { 'accept-encoding': 'gzip' })
    expect(first.status).toBe(200)
    expect([first, again].map(({ logged }) => logged.cache)).toEqual(['MISS', 'HIT'])
    expect(first.logged.upstream).not.toBe('')
    expect(again.logged.upstream).toBe('')
    expect(again.bytes.equals(first.bytes)).toBe(true)
    expect(small.headers['content-encoding']).toBe('gzip')
    for (const { headers } of [first, again, small]) {
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })

  test('that are not there are asked for each time, and no browser keeps the answer', async () => {
    const path = `/_next/static/chunks/${randomBytes(4).toString('hex')}.js`
    const answers = [await asked(path), await asked(path)]
    expect(answers.map(({ status }) => status)).toEqual([404, 404])
    for (const { logged, headers } of answers) {
      expect(logged.cache).not.toBe('HIT')
      expect(String(headers['cache-control'])).not.toMatch(/immutable|max-age=[1-9]/)
    }
  })
})

const site = (vars: Readonly<Record<string, unknown>> = {}) =>
  inLab('site', ['--limit', 'edge-1', '--tags', 'nginx-tls', '-x', JSON.stringify(vars)])

describe('HTTP/3', () => {
  afterAll(async () => {
    const { code, output } = await site()
    expect(code, output).toBe(0)
  })

  test('serves a browser where it is asked for', async () => {
    const { code, output } = await site({ nginx_http3: true })
    expect(code, output).toBe(0)
    expect((await asked('/api/version')).headers['alt-svc']).toBe('h3=":443"; ma=86400')
    const browser = await launchBrowser([
      `--origin-to-force-quic-on=${origin}`,
      `--ignore-certificate-errors-spki-list=${await publicKey()}`,
    ])
    try {
      const page = await browser.newPage()
      await page.goto(`https://${edge}/`)
      const protocols = `performance.getEntriesByType('navigation').map((each) => each.nextHopProtocol)`
      const by = await page.evaluate(protocols)
      expect(by).toEqual(['h3'])
      // The app hears of the host that was asked, which nginx has not from a header here.
      const version = await page.evaluate(() => fetch('/api/version').then((got) => got.status))
      expect(version).toBe(200)
    } finally {
      await browser.close()
    }
    const log = await onHost('edge-1', `docker logs --since 1m nginx 2>/dev/null | grep -F HTTP/3.0`)
    expect(log).toContain('"path":"/api/version"')
  })
})

/** What Chromium calls the public key of the certificate that edge-1 shows. */
function publicKey(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: edge, port: 443, servername: 'localhost', ca }, () => {
      const { raw } = socket.getPeerCertificate()
      socket.end()
      const key = new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' })
      resolve(createHash('sha256').update(key).digest('base64'))
    })
    socket.on('error', reject)
  })
}
