import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { QuaysideError } from '../error.ts'
import { letGo, takeLock } from '../process-lock.ts'
import { userName } from '../user-name.ts'
import type { Terraform } from './terraform.ts'

/**
 * Runs work while nobody else on this machine works in the same folder: init writes there which modules and which backend
 * it found. The state's own lock is Terraform's affair. Throws a QuaysideError that says who is at it.
 * @param what for whoever comes second: "infra.ts apply"
 */
export async function inTurn<T>({ dataDir }: Terraform, what: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dataDir, { recursive: true })
  const path = join(dataDir, 'quayside.lock')
  const holder = await takeLock(path, `${userName()} runs ${what} since ${new Date().toISOString()}`)
  if (holder !== undefined)
    throw new QuaysideError(`${dataDir} is in use: ${holder.does} (process ${holder.pid})`, {
      hint: 'wait for it to end; this lock goes with that process',
    })
  try {
    return await work()
  } finally {
    await letGo(path)
  }
}
