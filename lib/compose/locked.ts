import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { QuaysideError } from '../error.ts'
import { letGo, takeLock } from '../process-lock.ts'
import { stateDir } from '../state.ts'
import { userName } from '../user-name.ts'

/**
 * Runs work while nobody else on this machine changes the project of that name: two that choose ports, build and start at once
 * would undo each other's. Throws a QuaysideError that says who is at it.
 * @param what what is done, for whoever comes second: "dev.ts up"
 */
export async function projectLocked<T>(name: string, what: string, work: () => Promise<T>): Promise<T> {
  const folder = stateDir('compose')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${name}.lock`)
  const holder = await takeLock(path, `${userName()} runs ${what} since ${new Date().toISOString()}`)
  if (holder !== undefined)
    throw new QuaysideError(`${name} is locked: ${holder.does} (process ${holder.pid})`, {
      hint: 'wait for it to end; the lock goes with that process',
    })
  try {
    return await work()
  } finally {
    await letGo(path)
  }
}
