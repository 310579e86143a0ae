import { createHash } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { globsExpression, meant } from './glob.ts'

/** A file, folder or link below a folder of this machine. */
export type TreeEntry =
  | { readonly type: 'file'; readonly executable: boolean; readonly size: number; readonly sha256: string }
  | { readonly type: 'directory' }
  /** `target` as bytes in latin1 text */
  | { readonly type: 'link'; readonly target: string }

/** All that is below a folder of this machine, as it was when it was read. */
export interface LocalTree {
  readonly folder: string
  /** by path below the folder, its bytes as latin1 text: names need not be UTF-8 */
  readonly entries: ReadonlyMap<string, TreeEntry>
  /** what was left out, as globsExpression says it */
  readonly excluded: string | undefined
}

/** Where a host keeps what is under way; nothing here may have that name. */
export const stageName = '.quayside-sync'

/**
 * Reads a folder of this machine, all names, sizes and SHA-256. A role that gives it to many hosts reads it once:
 *
 *     const pages = localTree(new URL('./pages', import.meta.url), { exclude: ['*.map'] })
 */
export function localTree(
  folder: string | URL,
  options: { readonly exclude?: readonly string[] | undefined } = {},
): LocalTree {
  const path = folder instanceof URL ? fileURLToPath(folder).replace(/(.)\/+$/, '$1') : folder
  if (!isAbsolute(path)) throw new TypeError(`the local folder must be absolute: ${JSON.stringify(path)}`)
  const excluded = globsExpression(options.exclude ?? [])
  const entries = new Map<string, TreeEntry>()
  walk(path, '', meant(excluded), entries)
  return { folder: path, entries, excluded }
}

/** Where an entry is on this machine, for functions of node:fs. */
export function placeOf(folder: string, key: string): Buffer {
  return Buffer.concat([Buffer.from(key === '' ? folder : `${folder}/`), Buffer.from(key, 'latin1')])
}

function walk(
  folder: string,
  below: string,
  left: (path: string) => boolean,
  entries: Map<string, TreeEntry>,
): void {
  for (const name of readdirSync(placeOf(folder, below), { encoding: 'buffer' })) {
    const key = `${below === '' ? '' : `${below}/`}${name.toString('latin1')}`
    if (left(key)) continue
    const place = placeOf(folder, key)
    if (key === stageName)
      throw new TypeError(`${place} has a name that hosts need for themselves: exclude it`)
    const stat = lstatSync(place)
    entries.set(key, entryAt(place, stat))
    if (stat.isDirectory()) walk(folder, key, left, entries)
  }
}

function entryAt(place: Buffer, stat: Stats): TreeEntry {
  if (stat.isDirectory()) return { type: 'directory' }
  if (stat.isSymbolicLink()) {
    return { type: 'link', target: readlinkSync(place, { encoding: 'buffer' }).toString('latin1') }
  }
  if (!stat.isFile()) throw new TypeError(`${place} is no file, folder or link: exclude it`)
  return { type: 'file', executable: (stat.mode & 0o100) !== 0, ...hashed(place) }
}

/** Read in pieces: a file may be bigger than what memory has to spare. */
function hashed(place: Buffer): { size: number; sha256: string } {
  const [hash, piece] = [createHash('sha256'), Buffer.allocUnsafe(256 * 1024)]
  const file = openSync(place, 'r')
  try {
    for (let size = 0; ; ) {
      const read = readSync(file, piece)
      if (read === 0) return { size, sha256: hash.digest('hex') }
      hash.update(piece.subarray(0, read))
      size += read
    }
  } finally {
    closeSync(file)
  }
}
