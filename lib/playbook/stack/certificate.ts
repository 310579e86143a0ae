import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localCa } from '../../secret/local-ca.ts'
import { stateDir } from '../../state.ts'

/**
 * A certificate of this machine's own authority as the secrets tls_certificate and tls_key in `folder`, made anew when
 * it is about to end. Returns the path of the authority's certificate: what a browser is told to trust.
 */
export async function ensureCertificate(folder: string, names: readonly string[]): Promise<string> {
  const ca = join(stateDir('dev'), 'ca')
  const { certificate, key } = await localCa({ folder: ca, env: 'dev', names })
  await keep(join(folder, 'tls_certificate'), certificate)
  await keep(join(folder, 'tls_key'), key)
  return join(ca, 'ca.crt')
}

/** Readable to the container's own user; the folder keeps everybody else of this machine out. */
async function keep(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return
  const draft = `${path}.${process.pid}.new`
  await writeFile(draft, text, { mode: 0o600 })
  // Whatever the umask is.
  await chmod(draft, 0o444)
  await rename(draft, path)
}
