import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import { stateDir } from '../../lib/state.ts'

/** Loopback ports of the two edges. */
export const edgePorts = [8441, 8442] as const

export interface Reply {
  readonly status: number
  readonly release: string | undefined
  readonly body: string
}

/** Where clients find a lab's app: ports on 127.0.0.1, and the authority of its certificates. */
export interface Front {
  readonly ports: readonly number[]
  readonly ca: string
}

export function labCa(env = 'lab'): string {
  return readFileSync(join(stateDir(env), 'ca', 'ca.crt'), 'utf8')
}

const labFront = (): Front => ({ ports: edgePorts, ca: labCa() })

/** One request, never retried; throws when no whole answer came back. */
export function ask(
  agent: Agent | false,
  port: number,
  method: 'GET' | 'POST',
  path: string,
  ca: string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const body = method === 'POST' ? JSON.stringify({ hello: 'edge' }) : undefined
    const headers = {
      host: `localhost:${port}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
    }
    const sent = request(
      { host: '127.0.0.1', port, servername: 'localhost', method, path, agent, ca, headers },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => {
          text += chunk
        })
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            release: answer.headers['x-release']?.toString(),
            body: text,
          }),
        )
        answer.on('error', reject)
      },
    )
    sent.setTimeout(30_000, () => sent.destroy(new Error('no answer in 30 s')))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** A request that failed. */
export interface Lost {
  readonly port: number
  /** milliseconds of 1970: when it was sent, and when it was given up */
  readonly from: number
  readonly to: number
}

export interface Traffic {
  /** how many requests were answered, by "release status" */
  readonly answers: ReadonlyMap<string, number>
  readonly failures: readonly string[]
  /** the same, one for each of `failures` */
  readonly lost: readonly Lost[]
  total(): number
  /** no new request after this; resolves when the last was answered */
  stop(): Promise<void>
}

const questions = [
  ['GET', '/api/version'],
  ['POST', '/api/echo'],
  ['GET', '/api/search?q=harbour'],
  ['GET', '/version'],
] as const

/** Clients that ask both edges without a pause: half on kept-alive connections, half on a fresh one each time. */
export function startTraffic(
  options: { clients: number; most: number; pauseMs?: number },
  front: Front = labFront(),
): Traffic {
  const { ca, ports } = front
  const answers = new Map<string, number>()
  const failures: string[] = []
  const lost: Lost[] = []
  let sent = 0
  let going = true
  const client = async (index: number) => {
    const kept = index % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined
    for (let turn = index; going && sent < options.most; turn += 1) {
      sent += 1
      const [method, path] = questions[turn % questions.length] ?? questions[0]
      const port = ports[turn % ports.length] ?? 0
      const from = Date.now()
      const lose = (why: unknown) => {
        failures.push(`${method} ${path} on ${port}: ${why}`)
        lost.push({ port, from, to: Date.now() })
      }
      try {
        const { status, release } = await ask(kept ?? false, port, method, path, ca)
        const key = `${release} ${status}`
        answers.set(key, (answers.get(key) ?? 0) + 1)
        if (status !== 200) lose(status)
      } catch (error) {
        lose(error instanceof Error ? error.message : error)
      }
      // The machine that carries the load carries five hosts and a deploy as well.
      await sleep(options.pauseMs ?? 40)
    }
    kept?.destroy()
  }
  const all = Promise.all(Array.from({ length: options.clients }, (_, index) => client(index)))
  return {
    answers,
    failures,
    lost,
    total: () => [...answers.values()].reduce((sum, n) => sum + n, 0),
    async stop() {
      going = false
      await all
    },
  }
}

export interface Sockets {
  /** echoes by release */
  readonly echoes: ReadonlyMap<string, number>
  /** when each socket was closed by the other side, milliseconds since they were opened */
  readonly closed: readonly number[]
  readonly failures: readonly string[]
  close(): void
}

/** WebSockets that say something five times a second and expect it back. */
export async function openSockets(count: number, front: Front = labFront()): Promise<Sockets> {
  const { ca, ports } = front
  const echoes = new Map<string, number>()
  const closed: number[] = []
  const failures: string[] = []
  const timers: NodeJS.Timeout[] = []
  let ending = false
  const started = performance.now()
  const sockets = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = new WebSocket(`wss://localhost:${ports[index % ports.length]}/api/ws`, { ca })
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve)
        socket.once('error', reject)
      })
      let said = 0
      let heard = 0
      socket.on('message', (data) => {
        const { release, echo } = JSON.parse(String(data)) as { release: string; echo: string }
        echoes.set(release, (echoes.get(release) ?? 0) + 1)
        if (echo === `${index}-${heard}`) heard += 1
        else failures.push(`socket ${index} heard ${echo}, not ${index}-${heard}`)
      })
      socket.on('error', (error) => failures.push(`socket ${index}: ${error.message}`))
      socket.on('close', () => {
        if (!ending) closed.push(performance.now() - started)
      })
      timers.push(
        setInterval(() => {
          if (socket.readyState === WebSocket.OPEN) socket.send(`${index}-${said++}`)
        }, 200),
      )
      return socket
    }),
  )
  return {
    echoes,
    closed,
    failures,
    close() {
      ending = true
      for (const timer of timers) clearInterval(timer)
      for (const socket of sockets) socket.terminate()
    },
  }
}
