import { setTimeout as sleep } from 'node:timers/promises'
import { QuaysideError } from '../../error.ts'
import type { Database, Server } from '../../postgres/database.ts'
import { sh } from '../../script/index.ts'
import { gigabytes } from './checks.ts'

/** What stays free for what serves: a server whose log finds no room stops, and what serves is on the same disk. Bytes. */
const reserveBytes = 512e6
/** … but no more than this part of a small disk. */
const reservePart = 0.1

/** Faster than any disk is filled, in bytes of a second: so often it is looked at, as each look costs a program in the container. */
const fastest = 1e9
const soonestMs = 1000
const latestMs = 15_000

/**
 * Does work that fills a server's disk, and ends it before the disk is full: room was looked for before, but the log and
 * others take of it, too. The work is to heed the signal that it gets.
 */
export async function whileRoom<T>(
  server: Server,
  admin: Database,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [row] = await admin.rows<{ setting: string }>(
    `select setting from pg_settings where name = 'data_directory'`,
  )
  const folder = row?.setting ?? '/var/lib/postgresql/data'
  const full = new AbortController()
  const over = new AbortController()
  const look = async () => {
    const df = await dfOf(server, folder)
    const low = lowRoom(df)
    if (low !== undefined) full.abort(tooLow(server, low))
    return nextLook(df)
  }
  const first = await look()
  full.signal.throwIfAborted()
  const watching = (async () => {
    let next = first
    while (!full.signal.aborted) {
      await sleep(next, undefined, { signal: over.signal })
      next = await look()
    }
  })()
  watching.catch(() => {}) // ended with the work; a look that fails ends nothing
  try {
    return await work(AbortSignal.any([signal, full.signal]))
  } catch (error) {
    signal.throwIfAborted()
    full.signal.throwIfAborted()
    throw error
  } finally {
    over.abort()
    await watching.catch(() => {})
  }
}

async function dfOf({ connection, container }: Server, folder: string): Promise<string> {
  const { stdout } = await connection.run(sh`docker exec ${container} df -Pk ${folder}`, {
    title: 'the look at the room that is left',
  })
  return stdout
}

/** The bytes that are left, by `df -Pk`, where they are too few; undefined where they do, or it does not say. */
export function lowRoom(df: string): number | undefined {
  const { free, spare } = roomOf(df)
  return spare < 0 ? free : undefined
}

/** After how many milliseconds room may have become too little, by `df -Pk`. */
export function nextLook(df: string): number {
  const { spare } = roomOf(df)
  return Number.isNaN(spare) ? soonestMs : Math.min(Math.max((spare / fastest) * 1000, soonestMs), latestMs)
}

function roomOf(df: string): { readonly free: number; readonly spare: number } {
  const [, kilobytes, , available] = df.trim().split('\n').at(-1)?.split(/\s+/) ?? []
  const [size, free] = [Number(kilobytes) * 1024, Number(available) * 1024]
  return { free, spare: free - Math.min(reserveBytes, size * reservePart) }
}

function tooLow({ connection }: Server, free: number): QuaysideError {
  return new QuaysideError(
    `${connection.name}: the restore was ended, as PostgreSQL's disk has ${gigabytes(free)} left`,
    {
      hint: 'what serves needs that for its log; what was restored is dropped: make room (restore.ts drop-old), then try again',
    },
  )
}
