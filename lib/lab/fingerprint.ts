import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Twelve hex digits that stand for these texts, in this order. */
export function fingerprint(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex').slice(0, 12)
}

/** Twelve hex digits that stand for every file under a directory: names and contents. */
export async function fingerprintDirectory(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const parts = await Promise.all(
    paths.sort().map(async (path) => [relative(directory, path), await readFile(path, 'utf8')]),
  )
  return fingerprint(...parts.flat())
}
