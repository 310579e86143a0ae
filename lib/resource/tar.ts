/** A file or a link in an archive; path and target are bytes as latin1 text. */
export type Packed =
  | { readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly path: string; readonly target: string }

/**
 * A tar archive as GNU tar reads it (tar(5): ustar headers, names past 100 bytes by records L and K). Times and owners
 * are zero: who unpacks it gives its own.
 */
export function tar(entries: readonly Packed[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const link = 'target' in entry
    const content = link ? new Uint8Array() : entry.content
    const target = link ? entry.target : ''
    return [
      ...long('L', entry.path),
      ...long('K', target),
      header(entry.path, link ? 0o777 : entry.mode, content.length, link ? '2' : '0', target),
      ...padded(content),
    ]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

function long(type: 'L' | 'K', text: string): Uint8Array[] {
  if (text.length <= 100) return []
  const bytes = Buffer.from(`${text}\0`, 'latin1')
  return [header('././@LongLink', 0, bytes.length, type, ''), ...padded(bytes)]
}

function header(path: string, mode: number, size: number, type: string, target: string): Buffer {
  const block = Buffer.alloc(512)
  block.write(path.slice(0, 100), 0, 'latin1')
  block.write(octal(mode, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(0, 12), 136)
  block.write('        ', 148)
  block.write(type, 156)
  block.write(target.slice(0, 100), 157, 'latin1')
  block.write('ustar  \0', 257)
  block.write(
    octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  )
  return block
}

function padded(content: Uint8Array): Uint8Array[] {
  return [content, Buffer.alloc((512 - (content.length % 512)) % 512)]
}

/** Octal digits and a NUL, so many bytes in all. */
function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`
}
