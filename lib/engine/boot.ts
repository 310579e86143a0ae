import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../connection/connection.ts'
import { ConnectionError } from '../connection/error.ts'
import { raw, type Script } from '../script/index.ts'

const everyMs = 1000

/**
 * Prints what differs after a restart: the kernel's boot id, and the start time of PID 1 (proc(5), field 22 of stat),
 * since a container keeps the boot id of the machine that it runs on.
 */
export const bootScript: Script = raw(
  `cat /proc/sys/kernel/random/boot_id 2>/dev/null; sed 's/.*) //' /proc/1/stat | cut -d' ' -f20\n`,
)

/**
 * Waits until a host that goes down is up again: answers, with another boot than `before`. Throws a ConnectionError
 * when it does not in so many seconds.
 */
export async function awaitRestart(
  host: string,
  before: string,
  seconds: number,
  connect: () => Promise<Connection>,
  signal: AbortSignal,
): Promise<Connection> {
  const until = performance.now() + seconds * 1000
  let last = 'it did not go down'
  while (performance.now() < until) {
    await sleep(everyMs, undefined, { signal })
    try {
      const connection = await connect()
      const { stdout } = await connection.run(bootScript, { timeoutSeconds: 20 })
      if (stdout !== before) return connection
      await connection.close()
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      signal.throwIfAborted()
      last = error.message
    }
  }
  throw new ConnectionError(host, `is not back ${seconds} s after its restart was begun: ${last}`, {
    reason: 'timeout',
    hint: "look at the host's console; the next run goes on from what it finds",
  })
}
