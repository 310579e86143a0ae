import { spawnSync } from 'node:child_process'
import {
  chmod,
  lchown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { factsOf, type Grove, type Plant, type Seen } from './tree.ts'

/** A folder on this machine, planted and looked at with node's own file functions. */
export async function localGrove(folder: string): Promise<Grove> {
  await mkdir(folder, { recursive: true })
  return {
    folder,
    async plant(things) {
      for (const thing of things) await plant(folder, thing)
    },
    async look() {
      return new Map(await lookAt(folder, ''))
    },
  }
}

async function plant(folder: string, thing: Plant): Promise<void> {
  const path = join(folder, thing.at)
  if (thing.kind === 'link') return symlink(thing.target, path)
  if (thing.kind === 'fifo') {
    const made = spawnSync('mkfifo', ['--', path])
    if (made.status !== 0) throw new Error(String(made.stderr))
    return
  }
  if (thing.kind === 'file') await writeFile(path, Buffer.from(thing.content, 'latin1'))
  else await mkdir(path)
  if (thing.owner !== undefined) await lchown(path, thing.owner.uid, thing.owner.gid)
  if (thing.mode !== undefined) await chmod(path, thing.mode)
}

async function lookAt(folder: string, at: string): Promise<[string, string][]> {
  const path = join(folder, at)
  const seen = await seeing(path)
  const below = seen.kind === 'directory' ? (await readdir(path)).sort() : []
  const inner = await Promise.all(below.map((name) => lookAt(folder, at === '' ? name : `${at}/${name}`)))
  return [...factsOf(at, seen), ...inner.flat()]
}

async function seeing(path: string): Promise<Seen> {
  const stat = await lstat(path, { bigint: true })
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'link'
        : 'other'
  return {
    kind,
    mode: (stat.mode & 0o7777n).toString(8).padStart(4, '0'),
    uid: String(stat.uid),
    gid: String(stat.gid),
    inode: String(stat.ino),
    modified: String(stat.mtimeNs),
    ...(kind === 'file' ? { content: (await readFile(path)).toString('latin1') } : {}),
    ...(kind === 'link' ? { target: (await readlink(path, { encoding: 'buffer' })).toString('latin1') } : {}),
  }
}
