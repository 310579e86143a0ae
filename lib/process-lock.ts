import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'

/** A process of this machine that holds a lock. */
export interface Holder {
  readonly pid: number
  /** which boot of the machine the pid belongs to */
  readonly boot: string
  /** "anna runs dev.ts up since 2026-11-27T05:00:00Z"; empty where it did not say */
  readonly does: string
}

/**
 * Takes a lock among the processes of this machine, a file in a folder that is there; gives who holds it where somebody
 * does. One that has died holds nothing. By a hard link, which is atomic, and never shows a lock without its holder.
 */
export async function takeLock(path: string, does: string): Promise<Holder | undefined> {
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const me: Holder = { pid: process.pid, boot: await boot(), does }
  await writeFile(mine, JSON.stringify(me), { mode: 0o600 })
  try {
    for (;;) {
      if (await linked(mine, path)) return undefined
      const text = await readFile(path, 'utf8').catch(() => '')
      if (text === '') continue // gone between the two looks
      const holder = parsed(text)
      if (holder !== undefined && holder.boot === me.boot && isAlive(holder.pid)) return holder
      await takeAway(path, text, `${mine}.old`)
    }
  } finally {
    await rm(mine, { force: true })
  }
}

export async function letGo(path: string): Promise<void> {
  await rm(path, { force: true })
}

async function linked(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a process that has died; what another has taken meanwhile is put back. */
async function takeAway(path: string, dead: string, aside: string): Promise<void> {
  await rename(path, aside).catch(() => {})
  const text = await readFile(aside, 'utf8').catch(() => dead)
  if (text !== dead) await linked(aside, path)
  await rm(aside, { force: true })
}

function parsed(text: string): Holder | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('boot' in value)) return undefined
  return {
    pid: Number(value.pid),
    boot: String(value.boot),
    does: 'does' in value ? String(value.does) : '',
  }
}

async function boot(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process exists, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
