/** A line of /etc/fstab (fstab(5)), its words as they are meant, without the escapes. */
export interface FstabEntry {
  readonly device: string
  /** "none" for swap */
  readonly path: string
  readonly type: string
  readonly options: string
  readonly dump: number
  readonly pass: number
}

/** Reads one line; undefined for a comment, an empty line and what has too few fields. */
export function readFstabLine(line: string): FstabEntry | undefined {
  if (/^\s*(?:#|$)/.test(line)) return undefined
  const [device, path, type, options = 'defaults', dump = '0', pass = '0'] = line
    .trim()
    .split(/[ \t]+/)
    .map(unescaped)
  if (device === undefined || path === undefined || type === undefined) return undefined
  return { device, path, type, options, dump: Number(dump), pass: Number(pass) }
}

export function fstabLine({ device, path, type, options, dump, pass }: FstabEntry): string {
  return `${[device, path, type, options].map(escaped).join(' ')} ${dump} ${pass}`
}

export function sameEntry(one: FstabEntry, other: FstabEntry): boolean {
  return fstabLine(one) === fstabLine(other)
}

/**
 * The file with this entry in the place of the first line that `ours` picks, further ones taken out, or at its end;
 * all other lines stay byte for byte. Without an entry the picked lines go.
 */
export function editedFstab(
  text: string,
  ours: (entry: FstabEntry) => boolean,
  entry: FstabEntry | undefined,
): string {
  const lines = text.split('\n')
  const open = lines.pop() ?? ''
  if (open !== '') lines.push(open)
  let placed = entry === undefined
  const kept = lines.flatMap((line) => {
    const is = readFstabLine(line)
    if (is === undefined || !ours(is)) return [line]
    if (placed || entry === undefined) return []
    placed = true
    return [sameEntry(is, entry) ? line : fstabLine(entry)]
  })
  if (!placed && entry !== undefined) kept.push(fstabLine(entry))
  if (kept.length === lines.length && kept.every((line, at) => line === lines[at])) return text
  return kept.map((line) => `${line}\n`).join('')
}

function escaped(word: string): string {
  return word.replace(/[ \t\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function unescaped(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
