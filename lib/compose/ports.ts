import { createServer } from 'node:net'
import { QuaysideError } from '../error.ts'

/** A port that a service publishes: the variable that moves it, and what people expect it to be. */
export interface WantedPort {
  readonly variable: string
  readonly service: string
  readonly target: number
  readonly port: number
}

export interface ChosenPort extends WantedPort {
  readonly chosen: number
}

/**
 * For each the port that it is to have: the one wanted, or where that is taken by somebody else the next free one.
 * `held` are those that the stack itself publishes now, which stay as they are: people have them in their bookmarks.
 */
export async function choosePorts(
  wanted: readonly WantedPort[],
  held: (port: WantedPort) => number | undefined,
  address: string,
): Promise<readonly ChosenPort[]> {
  const taken = new Set<number>()
  const chosen: ChosenPort[] = []
  for (const each of wanted) {
    const port = held(each) ?? (await firstFree(each.port, taken, address))
    taken.add(port)
    chosen.push({ ...each, chosen: port })
  }
  return chosen
}

async function firstFree(from: number, taken: ReadonlySet<number>, address: string): Promise<number> {
  for (let port = from; port < Math.min(from + 100, 65536); port += 1) {
    if (!taken.has(port) && (await isFree(port, address))) return port
  }
  throw new QuaysideError(`no port from ${from} to ${from + 99} is free at ${address}`)
}

/** Whether one can listen there. */
export function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
