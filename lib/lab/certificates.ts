import { readFile } from 'node:fs/promises'

/** A file of certificate authorities that this machine trusts beyond what Debian ships. */
export interface Certificates {
  readonly path: string
  readonly text: string
}

/** The bundle that NODE_EXTRA_CA_CERTS names, where a proxy has a CA of its own; undefined without. */
export async function machineCertificates(): Promise<Certificates | undefined> {
  const path = process.env.NODE_EXTRA_CA_CERTS
  if (!path) return undefined
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : { path, text }
}
