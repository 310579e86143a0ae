/**
 * A TCP proxy that adds latency, as a process of its own: `proxy.ts MILLISECONDS COUNT PORT` listens at the delayed
 * address of each host, and hands on in each direction after half of that. A line on standard input is answered by a
 * line of JSON: what went through since the last one.
 */
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { addressOf } from './address.ts'

const [delay, count, port] = process.argv.slice(2).map(Number) as [number, number, number]
const seen = { connections: 0, turns: 0, bytes: 0 }

for (let index = 0; index < count; index += 1) {
  createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    seen.connections += 1
    // The kernel shakes hands at once; on a wire that is a round trip, which is paid here instead.
    seen.turns += 1
    setTimeout(join, delay, client, index)
  }).listen({ port, host: addressOf(index, 'delayed'), backlog: 1024 })
}

function join(client: Socket, index: number): void {
  const host = addressOf(index, 'direct')
  const server = connect({ host, port, noDelay: true, allowHalfOpen: true })
  let last = ''
  relay(client, server, () => {
    if (last !== 'client') seen.turns += 1
    last = 'client'
  })
  relay(server, client, () => {
    last = 'server'
  })
  client.on('error', () => server.destroy()).on('close', () => server.destroy())
  server.on('error', () => client.destroy()).on('close', () => client.end())
  client.resume()
}

/** Hands chunks on in order, each when its time has come; `heard` learns of each as it arrives. */
function relay(from: Socket, to: Socket, heard: () => void): void {
  const waiting: { chunk: Buffer | undefined; due: number }[] = []
  let scheduled = false
  const flush = () => {
    scheduled = false
    // Timers have whole milliseconds: what is due within half of one goes now.
    while (waiting[0] !== undefined && waiting[0].due <= performance.now() + 0.5) {
      const { chunk } = waiting.shift() ?? {}
      if (chunk === undefined) to.end()
      else to.write(chunk)
    }
    if (waiting[0] !== undefined) schedule(waiting[0].due - performance.now())
  }
  const schedule = (ms: number) => {
    scheduled = true
    setTimeout(flush, ms)
  }
  const push = (chunk: Buffer | undefined) => {
    waiting.push({ chunk, due: performance.now() + delay / 2 })
    if (!scheduled) schedule(delay / 2)
  }
  from.on('data', (chunk: Buffer) => {
    seen.bytes += chunk.length
    heard()
    push(chunk)
  })
  from.on('end', () => push(undefined))
}

createInterface({ input: process.stdin })
  .on('line', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage()
    console.log(JSON.stringify({ ...seen, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }))
    Object.assign(seen, { connections: 0, turns: 0, bytes: 0 })
  })
  .on('close', () => process.exit(0))
console.log('listening')
