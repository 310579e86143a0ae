import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureState, state } from './state.ts'

/** Runs `work` while holding the lab's lock, so that two runs on this machine take turns. */
export async function locked<T>(log: (line: string) => void, work: () => Promise<T>): Promise<T> {
  await ensureState()
  const mine = `${state.lock}.${process.pid}`
  await writeFile(mine, JSON.stringify({ pid: process.pid, boot: await boot() }))
  try {
    await acquire(mine, log)
  } finally {
    await rm(mine, { force: true })
  }
  try {
    return await work()
  } finally {
    await rm(state.lock, { force: true })
  }
}

/** Takes the lock by a hard link, which is atomic and never shows a lock without its owner's pid. */
async function acquire(mine: string, log: (line: string) => void): Promise<void> {
  for (let waited = 0; ; waited += 1) {
    try {
      return await link(mine, state.lock)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const owner = parseOwner(await readFile(state.lock, 'utf8').catch(() => ''))
    if (owner && (owner.boot !== (await boot()) || !alive(owner.pid))) {
      await rm(state.lock, { force: true })
      continue
    }
    if (waited === 0) log(`waiting for process ${owner?.pid ?? 'unknown'}, which is working on the lab`)
    await sleep(200)
  }
}

interface Owner {
  readonly pid: number
  /** Which boot of the machine the pid belongs to. */
  readonly boot: string
}

function parseOwner(text: string): Owner | undefined {
  if (text === '') return undefined
  const value: unknown = JSON.parse(text)
  const fits = typeof value === 'object' && value !== null && 'pid' in value && 'boot' in value
  return fits ? { pid: Number(value.pid), boot: String(value.boot) } : undefined
}

async function boot(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process exists, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
