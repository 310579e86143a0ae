import type { Facts } from '../../lib/engine/facts.ts'
import { plain } from '../../lib/secret/index.ts'

export const keyring = '/etc/apt/keyrings/docker.asc'

/** Docker's apt repository as a deb822 source, signed by the key in `keyring` alone. */
export function aptSource(url: string, { os, codename, architecture }: Facts): string {
  return plain`
    Types: deb
    URIs: ${url}/${os}
    Suites: ${codename}
    Components: stable
    Architectures: ${architecture}
    Signed-By: ${keyring}
  `
}
