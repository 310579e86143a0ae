import { execFile } from 'node:child_process'
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { UsageError } from '../error.ts'
import { shownPath } from '../inventory/fault.ts'
import type { NewFile } from './template.ts'

/**
 * Writes files that are not there yet, and gives their paths as a person would type them. Throws a UsageError before
 * anything is written when one of them is; what was written before a failure is taken away again.
 */
export async function writeNew(root: string, files: readonly NewFile[]): Promise<readonly string[]> {
  for (const { path } of files) {
    const there = await lstat(join(root, path)).then(
      () => true,
      () => false,
    )
    if (there)
      throw new UsageError(
        `${shownPath(join(root, path))} is there already: nothing was written`,
        'choose another name, or move it away first',
      )
  }
  const written: string[] = []
  try {
    for (const { path, text } of files) {
      const full = join(root, path)
      await mkdir(dirname(full), { recursive: true })
      await writeFile(full, text, { flag: 'wx' })
      written.push(full)
    }
  } catch (error) {
    for (const path of written) await rm(path, { force: true })
    throw error
  }
  await tidy(root, written)
  return written.map(shownPath)
}

/** Names differ in length and order: lines are broken and imports sorted as the project has them, where Biome is. */
async function tidy(root: string, paths: readonly string[]): Promise<void> {
  const code = paths.filter((path) => path.endsWith('.ts'))
  if (code.length === 0) return
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  // Without Biome, or with a complaint of it, the files are as good but for their looks; `npm run lint` tells.
  await promisify(execFile)(process.execPath, [biome, 'check', '--write', ...code], { cwd: root }).catch(
    () => undefined,
  )
}
