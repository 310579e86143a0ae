import { absolutePath, matching } from './argument.ts'

/** A source of packages, in the words of deb822 (man 5 sources.list). */
export interface AptSource {
  readonly uris: string | readonly string[]
  /** "trixie", or a path with a last "/" for a flat repository: "./" */
  readonly suites: string | readonly string[]
  /** none for a flat repository */
  readonly components?: string | readonly string[] | undefined
  /** deb unless told */
  readonly types?: readonly ('deb' | 'deb-src')[] | undefined
  /** those of the host unless told */
  readonly architectures?: string | readonly string[] | undefined
  /** the only keys that may sign it: an armored public key, or the path of a keyring on the host */
  readonly signedBy: string
}

/** The text of a .sources file, without its first comment. */
export function sourceText(source: AptSource): string {
  const uris = words(source.uris, /^(?:https?|file|copy|mirror\+\w+):\/?\S+$/, 'URI')
  const suites = words(source.suites, /^[\w./~+:-]+$/, 'suite')
  const components = words(source.components ?? [], /^[\w./-]+$/, 'component')
  const architectures = words(source.architectures ?? [], /^[a-z0-9-]+$/, 'architecture')
  if (uris.some((uri) => /^\w+:\/\/[^/]*@/.test(uri))) {
    throw new TypeError('a URI must hold no user and password: they belong into /etc/apt/auth.conf.d')
  }
  if (uris.length === 0 || suites.length === 0) throw new TypeError('a source needs a URI and a suite')
  const flat = suites.every((suite) => suite.endsWith('/'))
  if (flat !== (components.length === 0)) {
    throw new TypeError('components are needed, except where every suite is a path with a last "/"')
  }
  const lines = [
    `Types: ${(source.types ?? ['deb']).join(' ')}`,
    `URIs: ${uris.join(' ')}`,
    `Suites: ${suites.join(' ')}`,
    ...(flat ? [] : [`Components: ${components.join(' ')}`]),
    ...(architectures.length === 0 ? [] : [`Architectures: ${architectures.join(' ')}`]),
    `Signed-By:${signedBy(source.signedBy)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** The armored key itself, checked, with a line break at its end. */
export function armoredKey(key: string): string {
  const text = `${key.trim().replaceAll('\r\n', '\n')}\n`
  const armor =
    /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[\w\s+/=:.@<>(),-]+\n-----END PGP PUBLIC KEY BLOCK-----\n$/
  if (!armor.test(text)) {
    throw new TypeError(
      'a key must be armored: -----BEGIN PGP PUBLIC KEY BLOCK----- … (gpg --armor --export)',
    )
  }
  return text
}

/** An armored key stands in deb822 as a folded field: a space before each line, a dot in an empty one. */
function signedBy(value: string): string {
  if (value.startsWith('/'))
    return ` ${matching(absolutePath(value, 'keyring'), /^\S+\.(?:asc|gpg|pgp)$/, 'keyring')}`
  const lines = armoredKey(value).trimEnd().split('\n')
  return lines.map((line) => `\n ${line.trim() === '' ? '.' : line}`).join('')
}

function words(value: string | readonly string[], pattern: RegExp, what: string): readonly string[] {
  const all = typeof value === 'string' ? value.split(' ') : value
  for (const each of all) matching(each, pattern, what)
  return all
}
