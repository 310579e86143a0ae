import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { port } from './address.ts'

/** What went through the proxy since it was last asked. */
export interface Count {
  readonly connections: number
  /** times that the client spoke after the server had, and once for each connection's TCP handshake */
  readonly turns: number
  readonly bytes: number
  /** processor time of the proxy since then */
  readonly cpuSeconds: number
}

/** Starts the delaying proxy for so many hosts, as a process of its own. */
export async function startProxy(latency: number, hosts: number) {
  const script = fileURLToPath(new URL('proxy.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    [...process.execArgv, script, ...[latency, hosts, port].map(String)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  let before = 0
  return {
    async count(): Promise<Count> {
      child.stdin.write('\n')
      const said = JSON.parse((await lines.next()).value ?? '{}') as Count
      const cpuSeconds = said.cpuSeconds - before
      before = said.cpuSeconds
      return { ...said, cpuSeconds }
    },
    stop: () =>
      new Promise<void>((resolve) => {
        child.once('close', () => resolve())
        child.stdin.end()
      }),
  }
}
