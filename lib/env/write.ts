import { randomBytes } from 'node:crypto'
import { chmod, link, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { QuaysideError } from '../error.ts'
import { shownPath } from '../inventory/fault.ts'

/**
 * Puts a text in the place of a file in one step, readable by its owner alone. Throws a QuaysideError when it is no
 * longer what it was (`before`; undefined: not there): somebody else's change is not written over.
 */
export async function replace(path: string, before: string | undefined, text: string): Promise<void> {
  // The file that a link leads to is replaced, not the link.
  const target = await realpath(path).catch(() => path)
  await withDraft(target, text, 0o600, async (draft) => {
    if (before === undefined) return createdBy(draft, target)
    if ((await readFile(target, 'utf8').catch(() => undefined)) !== before) throw changed(target)
    await rename(draft, target)
  })
}

/**
 * Writes a secret's file where there is none, or an empty one; 0444, since the user of a container reads it, and its
 * folder keeps others out. Throws a QuaysideError when another has come in between.
 */
export async function writeSecret(path: string, text: string): Promise<void> {
  await withDraft(path, text, 0o444, async (draft) => {
    const there = await readFile(path, 'utf8').catch(() => undefined)
    if (there === undefined) return createdBy(draft, path)
    if (there.trim() !== '') throw changed(path)
    await rename(draft, path)
  })
}

async function withDraft(
  path: string,
  text: string,
  mode: number,
  put: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}~`)
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true })
    await chmod(draft, mode)
    await put(draft)
  } finally {
    await rm(draft, { force: true })
  }
}

/** A link is made only where nothing is: of two runs, one wins. */
async function createdBy(draft: string, path: string): Promise<void> {
  await link(draft, path).catch((error: unknown) => {
    throw error instanceof Error && 'code' in error && error.code === 'EEXIST' ? changed(path) : error
  })
}

function changed(path: string): QuaysideError {
  return new QuaysideError(`${shownPath(path)} was changed by somebody else meanwhile`, {
    hint: 'run it again: it goes on from what is there',
  })
}
