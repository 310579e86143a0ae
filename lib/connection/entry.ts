import type { Readable, Writable } from 'node:stream'

/** The streams of a command that was just started. */
export interface Started {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** resolves with the reason in words once nothing more can come */
  readonly ended: Promise<string>
}

/** How a shell is started as the user that it is to be. */
export interface Entry {
  /** for the login shell: it becomes the shell that is wanted */
  readonly command: string
  /** Waits until that shell is there, and gives the password if it is asked for. Throws a ConnectionError. */
  enter(started: Started): Promise<void>
}
