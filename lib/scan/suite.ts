import { onOneLine } from '../report/printable.ts'
import type { Looked } from './look.ts'
import { osRelease } from './os-release.ts'
import type { Place } from './place.ts'
import type { ScanVars } from './vars.ts'

/** The security suite of a release of a distribution, and how apt gets at it. */
export interface Suite {
  /** "bookworm-security" */
  readonly name: string
  readonly mirror: string
  readonly components: readonly string[]
  /** path on the host */
  readonly keyring: string
  /** of the image's packages; the first is its own */
  readonly architectures: readonly string[]
}

/** Distributions whose security fixes are a suite of their own. Ubuntu's other architectures are on another server. */
const distributions = {
  debian: {
    name: 'Debian',
    mirror: () => 'http://security.debian.org/debian-security',
    components: ['main', 'contrib', 'non-free', 'non-free-firmware'],
    package: 'debian-archive-keyring',
  },
  ubuntu: {
    name: 'Ubuntu',
    mirror: (architecture: string) =>
      ['amd64', 'i386'].includes(architecture)
        ? 'http://security.ubuntu.com/ubuntu'
        : 'http://ports.ubuntu.com/ubuntu-ports',
    components: ['main', 'restricted', 'universe', 'multiverse'],
    package: 'ubuntu-archive-keyring',
  },
} as const

type Distribution = keyof typeof distributions

/** The suite that an image is to be held against, or why there is none. */
export function suiteOf(
  image: Looked,
  place: Place,
  mirrors: ScanVars['scan_mirrors'],
): Suite | { readonly why: string } {
  const fields = osRelease(image.osRelease)
  const id = fields.get('ID') ?? ''
  if (!isKnown(id)) {
    const name = fields.get('PRETTY_NAME') ?? id
    return {
      why: name === '' ? 'it does not say what it is' : `it is ${onOneLine(name)}, neither Debian nor Ubuntu`,
    }
  }
  const codename = fields.get('VERSION_CODENAME') ?? ''
  if (!/^[a-z]+$/.test(codename))
    return { why: `it does not say which release of ${distributions[id].name} it is` }
  const [own] = image.architectures
  if (image.packages === 0 || own === undefined) return { why: 'it has no list of its packages' }
  const keyring = place.keyrings[id]
  const known = distributions[id]
  if (keyring === undefined)
    return {
      why: `${place.host.name} lacks the keys of ${known.name}'s archive: the package ${known.package}`,
    }
  return {
    name: `${codename}-security`,
    mirror: mirrors[id] ?? place.mirrors[id] ?? known.mirror(own),
    // Before Debian 12 firmware was part of non-free.
    components: known.components.filter((name) => name !== 'non-free-firmware' || codename !== 'bullseye'),
    keyring,
    architectures: image.architectures,
  }
}

function isKnown(id: string): id is Distribution {
  return Object.hasOwn(distributions, id)
}
