import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { SecretError } from './error.ts'

/** Writes a new P-256 private key, mode 0600. */
export async function writeKey(path: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
}

/** Writes `ca.crt` in the folder, signed by its `ca.key`: an authority for the certificates of servers and clients only. */
export async function makeAuthority(folder: string, name: string, days: number): Promise<void> {
  await writeFile(
    join(folder, 'ca.cnf'),
    `${subject(name)}
[v3]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`,
  )
  const request = ['req', '-x509', '-new', '-sha256', '-config', 'ca.cnf', '-extensions', 'v3']
  await openssl(folder, [...request, '-key', 'ca.key', '-days', String(days), ...serial(), '-out', 'ca.crt'])
}

/** What a certificate is made out to and for how long, and the paths of its key and of the authority. */
export interface Leaf {
  readonly usage: 'server' | 'client'
  readonly key: string
  readonly caCertificate: string
  readonly caKey: string
  readonly names: readonly string[]
  readonly days: number
}

/** Writes `leaf.crt` in the folder, made out to the names, for the key and by the authority at those paths. */
export async function makeCertificate(folder: string, options: Leaf): Promise<void> {
  const names = options.names.map((name, index) => `${isIP(name) === 0 ? 'DNS' : 'IP'}.${index} = ${name}`)
  await writeFile(
    join(folder, 'leaf.cnf'),
    `${subject(`quayside ${options.usage}`)}
[v3]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = ${options.usage}Auth
authorityKeyIdentifier = keyid
subjectAltName = @names
[names]
${names.join('\n')}
`,
  )
  await openssl(folder, ['req', '-new', '-config', 'leaf.cnf', '-key', options.key, '-out', 'leaf.csr'])
  const by = ['-CA', options.caCertificate, '-CAkey', options.caKey, ...serial()]
  const what = ['-extfile', 'leaf.cnf', '-extensions', 'v3', '-sha256', '-days', String(options.days)]
  await openssl(folder, ['x509', '-req', '-in', 'leaf.csr', ...by, ...what, '-out', 'leaf.crt'])
}

/** A configuration of our own, since what the system's openssl.cnf adds differs from one machine to the next. */
function subject(name: string): string {
  return `[req]\nprompt = no\ndistinguished_name = name\n[name]\nCN = ${name}`
}

function serial(): string[] {
  return [
    '-set_serial',
    `0x${((randomBytes(1).readUInt8() & 0x7f) | 0x40).toString(16)}${randomBytes(15).toString('hex')}`,
  ]
}

function openssl(folder: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('openssl', args, { cwd: folder, timeout: 60_000 }, (error, _stdout, stderr) => {
      if (error === null) resolve()
      else if (error.code === 'ENOENT') {
        reject(new SecretError('the program openssl is not installed', 'apt-get install openssl'))
      } else {
        const said = stderr.trim().split('\n').at(-1) ?? ''
        reject(new SecretError(`openssl ${args[0]} failed: ${said}`, 'check that openssl is 1.1.1 or later'))
      }
    })
  })
}
