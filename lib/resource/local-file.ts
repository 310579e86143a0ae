import { createHash, randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What is at a path on this machine. */
export type LocalFile =
  | { readonly type: 'absent' }
  | { readonly type: 'other' }
  | { readonly type: 'file'; readonly mode: number; readonly sha256: string }

/** A LocalFile as JSON. A link is looked at itself: what is written takes its place. */
export async function lookHere(path: string): Promise<string> {
  return JSON.stringify(await localFile(path))
}

async function localFile(path: string): Promise<LocalFile> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (stat === undefined || stat.isSymbolicLink()) return { type: 'absent' }
  if (!stat.isFile()) return { type: 'other' }
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  return { type: 'file', mode: stat.mode & 0o7777, sha256 }
}

/** Writes a file on this machine beside its place and renames it there; missing folders are made. */
export async function writeHere(path: string, content: Uint8Array, mode: number): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  // Two runs at once may fetch the same file: each writes its own, and the last one stays.
  const candidate = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.quayside`)
  try {
    const file = await open(candidate, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(candidate, mode)
    await rename(candidate, path)
  } catch (error) {
    await rm(candidate, { force: true })
    throw error
  }
}

/** "812 bytes", "14.2 KiB", "40 MiB": for people. */
export function byteCount(bytes: number): string {
  const [unit, size] = bytes < 1024 ? ['bytes', 1] : bytes < 1024 ** 2 ? ['KiB', 1024] : ['MiB', 1024 ** 2]
  return `${Math.round((bytes / size) * 10) / 10} ${unit}`
}
