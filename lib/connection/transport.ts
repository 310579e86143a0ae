import type { Readable, Writable } from 'node:stream'

/** A started `sh` somewhere: its three streams, and how it ended. */
export interface Streams {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves, with the reason in words, once it has ended. Never rejects. */
  readonly ended: Promise<string>
}

/** A started `sh`, and what can be done to it from outside. */
export interface Transport extends Streams {
  /** Starts a second `sh` with the same rights, beside the first; throws where none is to be had. */
  another(): Promise<Streams>
  /** Lets go of the shell, of those beside it, and of what carries them. */
  close(): Promise<void>
}

/** Runs a short script in a second shell, whatever the first is at; tells whether it succeeded. */
export async function beside(transport: Transport, script: string): Promise<boolean> {
  const shell = await transport.another().catch(() => undefined)
  if (shell === undefined) return false
  for (const stream of [shell.stdin, shell.stdout, shell.stderr]) stream.on('error', () => {})
  shell.stdout.resume()
  shell.stderr.resume()
  shell.stdin.end(script)
  return (await shell.ended) === 'the shell exited with code 0'
}

/** How long output may trail behind the end of the process that printed it. */
export const trailMs = 200

/** Resolves to what the promise gives, or to the substitute after so many milliseconds. */
export async function within<T>(milliseconds: number, promise: Promise<T>, substitute: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, milliseconds, substitute)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
