import { execFileSync } from 'node:child_process'

/** A certificate that signs itself, for these hosts and so many days, and its key. */
export function localCertificate(
  hosts: readonly string[],
  days: number,
): { certificate: string; key: string } {
  const names = `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const words = [
    'req',
    '-x509',
    ...curve,
    '-keyout',
    '-',
    '-subj',
    '/',
    '-addext',
    names,
    '-days',
    String(days),
  ]
  const both = execFileSync('openssl', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const at = both.indexOf('-----BEGIN CERTIFICATE')
  const [first, second] =
    at === 0 ? both.split(/(?=-----BEGIN [A-Z ]*PRIVATE)/) : [both.slice(at), both.slice(0, at)]
  return { certificate: first ?? '', key: second ?? '' }
}
