import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Connection, Ended } from '../../connection/index.ts'
import { RunningError } from '../../connection/index.ts'
import type { Script } from '../../script/index.ts'

export interface Poured extends Ended {
  readonly stdout: string
}

/**
 * Runs a script with a stream on its standard input, and gives how it ended and the little that it printed. Its input
 * only ends once the stream has ended well: one that errors ends the script instead, so that what was cut short or
 * found damaged is never taken for the whole. A script may end before it has read all.
 */
export async function pour(
  connection: Connection,
  script: Script,
  source: Readable,
  { title, signal }: { readonly title: string; readonly signal: AbortSignal },
): Promise<Poured> {
  const running = await connection.start(script, { title, signal }).catch((error: unknown) => {
    source.destroy()
    throw error
  })
  const printed = text(running.stdout)
  printed.catch(() => {})
  let over = false
  const ended = running.ended.finally(() => {
    over = true
  })
  ended.catch(() => {})
  try {
    for await (const chunk of source) {
      if (over || running.stdin.destroyed) break
      if (running.stdin.write(chunk)) continue
      await Promise.race([once(running.stdin, 'drain'), ended]).catch(() => {})
    }
    running.stdin.end()
  } catch (error) {
    await running.kill()
    throw error
  }
  return { ...(await ended), stdout: await printed }
}

/** The same, of a script that must end with 0. */
export async function pourAll(
  connection: Connection,
  script: Script,
  source: Readable,
  options: { readonly title: string; readonly signal: AbortSignal },
): Promise<string> {
  const { code, stderr, stdout } = await pour(connection, script, source, options)
  if (code !== 0) throw new RunningError(connection.name, options.title, { code, stderr })
  return stdout
}
