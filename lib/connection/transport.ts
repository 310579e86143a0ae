import type { Readable, Writable } from 'node:stream'

/** A started `sh` somewhere: its three streams, and what can be done to it from outside. */
export interface Transport {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves, with the reason in words, once nothing more can come. Never rejects. */
  readonly ended: Promise<string>
  /** Runs a short script in a second shell with the same rights; tells whether it succeeded. */
  beside(script: string): Promise<boolean>
  /** Lets go of the shell and of what carries it. */
  close(): Promise<void>
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
