import { createServer, type Socket } from 'node:net'

/** A TCP server on this machine that does what it is told with each connection. */
export interface Listener {
  readonly port: number
  /** connections so far, and the most that there were at a time */
  readonly seen: number
  readonly peak: number
  close(): void
}

export async function listen(handle: (socket: Socket) => void): Promise<Listener> {
  const open = new Set<Socket>()
  const counts = { seen: 0, peak: 0 }
  const server = createServer((socket) => {
    open.add(socket)
    counts.seen += 1
    counts.peak = Math.max(counts.peak, open.size)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get seen() {
      return counts.seen
    },
    get peak() {
      return counts.peak
    },
    close() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
