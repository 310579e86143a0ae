import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { Turns } from './turns.ts'

/** How many hosts may be connecting through one jump host at a time; connected ones are not counted. */
const width = 16

/** An open connection to a jump host, shared by the connections that go through it. */
export class Hop {
  /** as a person writes it */
  readonly name: string
  readonly turns = new Turns(width)
  readonly #client: Client
  readonly #close: () => void
  #holders = 0
  readonly #lost: Promise<never>
  #gone = false

  constructor(name: string, client: Client, close: () => void) {
    this.name = name
    this.#client = client
    this.#close = close
    this.#lost = new Promise((_, reject) => {
      client.once('close', () => {
        this.#gone = true
        reject(new Error('the connection to it was lost'))
      })
    })
    this.#lost.catch(() => {})
  }

  get gone(): boolean {
    return this.#gone
  }

  hold(): void {
    this.#holders += 1
  }

  /** Closes it when nothing goes through it any more. */
  release(): void {
    this.#holders -= 1
    if (this.#holders > 0 || this.#gone) return
    this.#gone = true
    this.#close()
  }

  /** A stream from the jump host to an address that it can reach. */
  forward(host: string, port: number): Promise<Duplex> {
    const opened = new Promise<Duplex>((resolve, reject) => {
      this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
        if (error) return reject(error)
        channel.on('error', () => {})
        resolve(channel)
      })
    })
    return Promise.race([opened, this.#lost])
  }
}
