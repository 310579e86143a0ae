/** The lines `name=value` of a probe's output; a name's last line counts, a line without "=" is left out. */
export function fields(stdout: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of stdout.split('\n')) {
    const at = line.indexOf('=')
    if (at > 0) found.set(line.slice(0, at), line.slice(at + 1))
  }
  return found
}
