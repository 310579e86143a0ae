import { createHash, randomBytes } from 'node:crypto'
import type { Dirent } from 'node:fs'
import {
  access,
  constants,
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  unlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { codeOf, fromSystem } from './directory-error.ts'
import { examineFolder } from './directory-examine.ts'
import { checkedKey, checkedPrefix, partial } from './key.ts'
import {
  type PutOptions,
  type Store,
  type Stored,
  StoreError,
  type StoreFinding,
  type Written,
} from './store.ts'
import { chunksOf, sized, stoppable } from './whole.ts'

/**
 * Backups in a folder: a key is a path below it. Folders are this user's alone. An object is written beside its place,
 * brought to the disk, and only then given its name, so that a name is never on half of one.
 */
export class DirectoryStore implements Store {
  readonly name: string
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    this.name = root
  }

  async put(key: string, body: Readable | Uint8Array, options: PutOptions = {}): Promise<Written> {
    const path = this.#path(key)
    const { file, draft } = await this.#draft(path).catch((error: unknown) => {
      if (body instanceof Readable) body.destroy()
      throw error
    })
    try {
      const written = await fill(file, body, path, options.signal)
      await settle(draft, path, options.absent === true)
      return written
    } catch (error) {
      await rm(draft, { force: true })
      await this.#leave(dirname(path))
      throw error
    }
  }

  async get(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<Readable> {
    const path = this.#path(key)
    const file = await open(path, 'r').catch((error: unknown) => {
      if (isGone(error)) throw new StoreError(`${path} is not there`, { reason: 'missing', cause: error })
      throw fromSystem(error, `cannot read ${path}`)
    })
    const found = await file.stat()
    if (!found.isFile()) {
      await file.close()
      throw new StoreError(`${path} is not there`, { reason: 'missing' })
    }
    const source = file.createReadStream({ highWaterMark: 1 << 20 })
    const short = (had: number) =>
      new StoreError(`${path}: only ${had} of ${found.size} bytes came`, { reason: 'cut' })
    return stoppable(sized(source, found.size, short), path, options.signal)
  }

  async stat(key: string): Promise<Stored | undefined> {
    const path = this.#path(key)
    try {
      const found = await lstat(path)
      return found.isFile() ? { key, size: found.size, modified: found.mtime } : undefined
    } catch (error) {
      if (isGone(error)) return undefined
      throw fromSystem(error, `cannot look at ${path}`)
    }
  }

  async *list(prefix: string): AsyncGenerator<Stored> {
    for await (const path of this.#files(checkedPrefix(prefix))) {
      if (path.split('/').at(-1)?.startsWith(partial)) continue
      const found = await this.stat(path)
      if (found !== undefined) yield found
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const path of keys.map((key) => this.#path(key))) {
      await unlink(path).catch((error: unknown) => {
        // A folder is no object: keys are below it, and it goes with the last of them.
        if (!isGone(error) && codeOf(error) !== 'EISDIR') throw fromSystem(error, `cannot remove ${path}`)
      })
      await this.#leave(dirname(path))
    }
  }

  async sweep(prefix: string, before: Date): Promise<number> {
    let swept = 0
    for await (const name of this.#files(checkedPrefix(prefix))) {
      if (!name.split('/').at(-1)?.startsWith(partial)) continue
      const path = join(this.#root, name)
      // By when it was last written to, not begun: what still grows is somebody's.
      const found = await lstat(path).catch(() => undefined)
      if (found === undefined || found.mtime >= before) continue
      await rm(path, { force: true })
      await this.#leave(dirname(path))
      swept += 1
    }
    return swept
  }

  examine(): Promise<readonly StoreFinding[]> {
    return examineFolder(this, this.#root)
  }

  close(): void {}

  #path(key: string): string {
    return join(this.#root, checkedKey(key))
  }

  /** An empty file of a passing name in the folder of `path`, which is made. */
  async #draft(path: string): Promise<{ file: FileHandle; draft: string }> {
    const folder = dirname(path)
    const draft = join(folder, `${partial}${randomBytes(6).toString('hex')}`)
    for (let left = 5; ; left -= 1) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        return { file: await open(draft, 'wx', 0o600), draft }
      } catch (error) {
        // Another run has just removed the last object of that folder, and the folder with it.
        if (codeOf(error) === 'ENOENT' && left > 0) continue
        // On a read-only file system mkdir -p fails with ENOENT, which is not what is wrong.
        const why = await access(this.#root, constants.W_OK).then(
          () => error,
          (better: unknown) => better,
        )
        throw fromSystem(codeOf(error) === 'ENOENT' ? why : error, `cannot write ${path}`)
      }
    }
  }

  /** Removes a folder that nothing is in, and those above it, up to the store's own. */
  async #leave(folder: string): Promise<void> {
    for (let each = folder; each.length > this.#root.length; each = dirname(each)) {
      const empty = await rmdir(each).then(
        () => true,
        (error: unknown) => codeOf(error) === 'ENOENT',
      )
      if (!empty) return
    }
  }

  /** Paths below the store of all files whose path begins so, parts of puts too, in the order of their keys. */
  async *#files(
    prefix: string,
    folder = prefix.slice(0, prefix.lastIndexOf('/') + 1),
  ): AsyncGenerator<string> {
    for (const entry of await this.#entries(folder)) {
      const path = `${folder}${entry}`
      if (
        entry.endsWith('/') ? !(path.startsWith(prefix) || prefix.startsWith(path)) : !path.startsWith(prefix)
      )
        continue
      if (entry.endsWith('/')) yield* this.#files(prefix, path)
      else yield path
    }
  }

  /** What is in a folder, folders with a "/" behind: that is how keys sort. */
  async #entries(folder: string): Promise<string[]> {
    const path = join(this.#root, folder)
    const found = await readdir(path, { withFileTypes: true }).catch((error: unknown): Dirent[] => {
      if (isGone(error)) return []
      throw fromSystem(error, `cannot list ${path}`)
    })
    return found
      .filter((each) => each.isFile() || each.isDirectory())
      .map((each) => (each.isDirectory() ? `${each.name}/` : each.name))
      .filter((name) => /^[A-Za-z0-9._=+-]+\/?$/.test(name))
      .sort((a, b) => (a < b ? -1 : 1))
  }
}

/** Writes all of a body to an open file, brings it to the disk and closes it. The body's own error is thrown as it is. */
async function fill(
  file: FileHandle,
  body: Readable | Uint8Array,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Written> {
  const hash = createHash('sha256')
  let size = 0
  const told = (error: unknown) => {
    throw fromSystem(error, `cannot write ${path}`)
  }
  try {
    for await (const chunk of chunksOf(body, path, signal)) {
      hash.update(chunk)
      size += chunk.byteLength
      await file.writeFile(chunk).catch(told)
    }
    await file.sync().catch(told)
  } finally {
    await file.close()
  }
  return { size, sha256: hash.digest('hex') }
}

/** Gives a written file its name, and brings that to the disk too. */
async function settle(draft: string, path: string, absent: boolean): Promise<void> {
  try {
    if (absent) {
      await link(draft, path)
      await unlink(draft)
    } else await rename(draft, path)
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    if (absent && codeOf(error) === 'EEXIST')
      throw new StoreError(`${path} is there already`, { reason: 'exists', cause: error })
    throw fromSystem(error, `cannot write ${path}`)
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error))
}
