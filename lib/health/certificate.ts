import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import { stateDir } from '../state.ts'
import type { Check, Seen } from './check.ts'
import { said } from './gather.ts'

/** days: time for whoever renews by hand; a renewal by ACME is due at 30 */
const warningDays = 21
/** days: a renewal that was to come has not */
const failedDays = 7
const dayMs = 86_400_000

export interface Shown {
  readonly host: Host
  readonly port: number
  /** names that the certificate must be good for, as nginx's server_name has them */
  readonly names: readonly string[]
  /** what chains may end with */
  readonly roots: readonly X509Certificate[]
}

/** The certificate that is really shown, whatever files and inventory say: a reload that never came is found here. */
export function certificateCheck({ host, port, names, roots }: Shown): Check {
  const asked = names.find((name) => name !== '_' && isIP(name) === 0) ?? 'localhost'
  return {
    host,
    service: 'nginx',
    layer: 'tls',
    what: `the certificate on port ${port}`,
    script: sh`
command -v openssl >/dev/null || { echo 'openssl is missing on this host, which shows the certificate' >&2; exit 1; }
exec openssl s_client -connect ${`127.0.0.1:${port}`} -servername ${asked.replace(/^\*?\./, 'www.')} -showcerts
`,
    judge: (answer) => {
      const chain = certificatesIn(answer.stdout)
      if (chain.length === 0)
        return [{ verdict: 'failed', seen: `no certificate is shown: ${reasonOf(said(answer))}` }]
      return [judgeChain(chain, { names, roots, now: new Date() })]
    },
  }
}

/** The verdict on a chain as a server shows it, its own certificate first. */
export function judgeChain(
  shown: readonly X509Certificate[],
  {
    names,
    roots,
    now,
  }: { readonly names: readonly string[]; readonly roots: readonly X509Certificate[]; readonly now: Date },
): Seen {
  const [leaf] = shown
  if (leaf === undefined) return { verdict: 'failed', seen: 'no certificate is shown' }
  const { path, broken } = pathOf(leaf, shown, roots)
  const ends = path.map((each) => Date.parse(each.validTo))
  const daysLeft = (Math.min(...ends) - now.getTime()) / dayMs
  const missing = names.filter((name) => !covers(leaf, name))
  const early = path.some((each) => Date.parse(each.validFrom) > now.getTime())
  const faults = [
    ...(daysLeft <= 0 ? [`expired ${Math.ceil(-daysLeft)} days ago`] : []),
    ...(early ? ['not valid yet'] : []),
    ...(missing.length > 0 ? [`not good for ${missing.join(', ')}`] : []),
    ...(broken === undefined ? [] : [broken]),
  ]
  const left = daysLeft > 0 ? [`${Math.floor(daysLeft)} days left`] : []
  const fit = missing.length === 0 ? [`good for ${names.join(', ')}`] : []
  return {
    verdict:
      faults.length > 0 || daysLeft < failedDays ? 'failed' : daysLeft < warningDays ? 'warning' : 'ok',
    seen: [...faults, ...left, ...fit].join(', '),
    daysLeft,
  }
}

/** Of a line of OpenSSL's, "40E7…:error:8000006F:system library:BIO_connect:Connection refused:…", what it is about. */
function reasonOf(line: string): string {
  return /^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:([^:]+)/.exec(line)?.[1] ?? line
}

/** From the server's own certificate up to one that a root has issued; `broken` says where that ends before. */
function pathOf(
  leaf: X509Certificate,
  shown: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): { path: readonly X509Certificate[]; broken?: string } {
  const path = [leaf]
  for (let last = leaf; ; ) {
    if (roots.some((root) => issued(root, last) || root.fingerprint256 === last.fingerprint256))
      return { path }
    const next = shown.find((each) => !path.includes(each) && issued(each, last))
    if (next !== undefined) {
      path.push(next)
      last = next
      continue
    }
    const own = issued(last, last)
    return {
      path,
      broken: own
        ? `its root is trusted by nobody: ${nameOf(last.subject)}`
        : `the chain is not complete: the certificate of ${nameOf(last.issuer)} is not shown`,
    }
  }
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return (
    issuer.subject === certificate.issuer &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey)
  )
}

/** Of nginx's server_name: "_" is any, "*.a.test" every name below, ".a.test" that and the name itself. */
function covers(certificate: X509Certificate, name: string): boolean {
  if (name === '_') return true
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined
  const below = (domain: string) => certificate.checkHost(`any.${domain}`) !== undefined
  if (name.startsWith('*.')) return below(name.slice(2))
  if (name.startsWith('.')) return below(name.slice(1)) && covers(certificate, name.slice(1))
  return certificate.checkHost(name) !== undefined
}

function nameOf(distinguished: string): string {
  return /^CN=(.*)$/m.exec(distinguished)?.[1] ?? distinguished.replaceAll('\n', ', ')
}

export function certificatesIn(text: string): readonly X509Certificate[] {
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  )
}

/** What clients of an environment trust: the public roots, those of NODE_EXTRA_CA_CERTS, and its local CA if it has one. */
export async function rootsOf(env: string): Promise<readonly X509Certificate[]> {
  const extra = process.env.NODE_EXTRA_CA_CERTS
  const files = [...(extra === undefined ? [] : [extra]), join(stateDir(env), 'ca', 'ca.crt')]
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => '')))
  return certificatesIn([...rootCertificates, ...texts].join('\n'))
}
