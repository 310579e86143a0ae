import { randomUUID } from 'node:crypto'
import { realpathSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { messageOf, UsageError } from '../error.ts'

/** Throws a UsageError when a report could not be written to the path, as its flag gave it. */
export function demandWritable(flag: string, path: string): void {
  const target = resolve(path)
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UsageError(`--${flag} ${path}: that is a directory`, `--${flag} ${join(path, `run.${flag}`)}`)
  const probe = besideOf(target)
  try {
    writeFileSync(probe, '', { flag: 'wx' })
    unlinkSync(probe)
  } catch (error) {
    throw new UsageError(`--${flag} ${path} cannot be written: ${messageOf(error)}`)
  }
}

/** Throws a UsageError where two flags, with the paths that they were given, name one file: the last would win. */
export function demandDistinct(paths: Readonly<Record<string, string | undefined>>): void {
  const seen = new Map<string, string>()
  for (const [flag, path] of Object.entries(paths)) {
    if (path === undefined) continue
    const target = placeOf(path)
    const other = seen.get(target)
    if (other !== undefined)
      throw new UsageError(`--${other} and --${flag} name the same file: ${path}`, 'give each its own')
    seen.set(target, flag)
  }
}

/** Where a path leads, through links on the way; a file that is renamed into place replaces a link at its end. */
function placeOf(path: string): string {
  const target = resolve(path)
  try {
    return join(realpathSync(dirname(target)), basename(target))
  } catch {
    return target
  }
}

/** Writes a file whole or not at all. It waits for nothing: a process that ends can still call it. */
export function writeWhole(path: string, text: string): void {
  const target = resolve(path)
  const beside = besideOf(target)
  try {
    writeFileSync(beside, text, { flag: 'wx' })
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
}

function besideOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}`)
}
