/** Debian's address for a host's own name, where it has no fixed address of its own. */
const own = '127.0.1.1'

/**
 * The text of /etc/hosts with a host's name on some line. Where none has it, it goes to 127.0.1.1, in front of what
 * stands there; the host's former names leave that line, and the line goes when nothing is left. All else stays.
 */
export function hostsWith(text: string, name: string, former: readonly string[]): string {
  const wanted = name.includes('.') ? [name, name.slice(0, name.indexOf('.'))] : [name]
  const stale = new Set(former.flatMap((each) => [each, each.split('.', 1)[0] ?? '']))
  for (const each of wanted) stale.delete(each)

  const lines = text.split('\n').flatMap((line) => {
    const [address, ...names] = words(line)
    if (address !== own || !names.some((each) => stale.has(each))) return [line]
    const left = names.filter((each) => !stale.has(each))
    return left.length === 0 ? [] : [written(left, line)]
  })
  const known = lines.some((line) => words(line).slice(1).includes(name))
  if (!known) {
    const at = lines.findIndex((line) => words(line)[0] === own)
    const there = lines[at]
    if (there === undefined) {
      const local = lines.findLastIndex((line) => words(line)[0] === '127.0.0.1')
      lines.splice(local + 1, 0, written(wanted, ''))
    } else {
      const others = words(there)
        .slice(1)
        .filter((each) => !wanted.includes(each))
      lines[at] = written([...wanted, ...others], there)
    }
  }
  return lines.join('\n')
}

/** The address and the names of a line, without its comment. */
function words(line: string): string[] {
  return line.replace(/#.*/, '').split(/\s+/).filter(Boolean)
}

function written(names: readonly string[], before: string): string {
  const comment = /\s*#.*/.exec(before)?.[0] ?? ''
  return `${own}\t${names.join(' ')}${comment}`
}
