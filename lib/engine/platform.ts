import { QuaysideError } from '../error.ts'

/** What tells one operating system from another: ID, VERSION_ID and VERSION_CODENAME of os-release. */
export interface PlatformFacts {
  readonly os: string
  readonly version: string
  readonly codename: string
}

/** A release of an operating system that roles are written and tested for. */
export interface Platform {
  readonly os: string
  readonly version: string
  /** as a person calls it */
  readonly name: string
}

/** Releases that are supported as they are. A derivative is none of them, whatever its ID_LIKE says. */
export const supported: readonly Platform[] = [
  { os: 'debian', version: '12', name: 'Debian 12' },
  { os: 'debian', version: '13', name: 'Debian 13' },
  { os: 'ubuntu', version: '22.04', name: 'Ubuntu 22.04' },
  { os: 'ubuntu', version: '24.04', name: 'Ubuntu 24.04' },
]

/**
 * What speaks against playing a role on a host with these facts: undefined when nothing does. To be asked once the
 * facts are known and before anything on the host is changed. A role that declares `platforms: 'any'` goes anywhere.
 *
 *     const refused = checkPlatform(role, session.facts)
 */
export function checkPlatform(
  role: { readonly name: string; readonly platforms?: 'supported' | 'any' | undefined },
  facts: PlatformFacts,
): QuaysideError | undefined {
  if (role.platforms === 'any') return undefined
  if (supported.some(({ os, version }) => os === facts.os && version === facts.version)) return undefined
  const names = supported.map(({ name }) => name).join(', ')
  return new QuaysideError(`${called(facts)} is not supported by the role ${role.name}: it knows ${names}`, {
    hint: `${adviceFor(facts)}; a role that does not care says so: platforms: 'any'`,
  })
}

function called({ os, version, codename }: PlatformFacts): string {
  if (os === '') return 'an operating system without /etc/os-release'
  const name = { debian: 'Debian', ubuntu: 'Ubuntu' }[os] ?? os
  // Debian testing and unstable have a codename alone.
  const release = version === '' ? codename : version
  return release === '' ? name : `${name} ${release}`
}

function adviceFor({ os, version }: PlatformFacts): string {
  const known = supported.filter((platform) => platform.os === os)
  if (known.length === 0) return 'play it on another host, or leave this one out with --limit'
  const [newest] = known.slice(-1)
  if (version === '') return `a release still in the making changes under one's feet: install ${newest?.name}`
  return `bring the host to ${newest?.name}, or leave it out with --limit`
}
