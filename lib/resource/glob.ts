/**
 * The paths that globs mean, as one POSIX extended regular expression that matches a whole path below a folder.
 * `*` and `?` stay within a name, `**` goes across; a glob without "/" means a name at any depth, any other one is
 * taken from the folder on. What is below a folder that is meant is not looked at, so it is meant too.
 *
 * The same expression is read by find on a host and by JavaScript here; both match bytes (here as latin1 text).
 */
export function globsExpression(globs: readonly string[]): string | undefined {
  return globs.length === 0 ? undefined : globs.map((glob) => `(${expression(glob)})`).join('|')
}

/** Whether a path, its bytes as latin1 text, is one that globsExpression means. */
export function meant(globs: string | undefined): (path: string) => boolean {
  if (globs === undefined) return () => false
  const pattern = new RegExp(`^(?:${globs})$`, 's')
  return (path) => pattern.test(path)
}

function expression(glob: string): string {
  const body = glob.replace(/^\/+|\/+$/g, '')
  if (body === '' || /[[\]{}!\\\0\n]/.test(glob) || /(?:^|\/)\.{0,2}(?:\/|$)/.test(body)) {
    throw new TypeError(
      `a glob to exclude knows *, ** and ?, and leads below the folder: ${JSON.stringify(glob)}`,
    )
  }
  const bytes = Buffer.from(body, 'utf8').toString('latin1')
  const anchored = glob.replace(/\/+$/, '').includes('/')
  const parts = bytes.split(/(\*\*\/|\*\*|\*|\?)/)
  return (anchored ? '' : '(.*/)?') + parts.map(piece).join('')
}

function piece(text: string): string {
  if (text === '**/') return '(.*/)?'
  if (text === '**') return '.*'
  if (text === '*') return '[^/]*'
  if (text === '?') return '[^/]'
  return text.replace(/[.+()|^$]/g, '\\$&')
}
