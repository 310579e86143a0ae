import type { Connection } from '../../connection/index.ts'
import type { Script } from '../../script/index.ts'

/** Runs a script beside the connection's shell, and gives what it prints: a person who stops the drill need not wait for it. */
export async function onHost(
  connection: Connection,
  title: string,
  script: Script,
  signal: AbortSignal,
): Promise<string> {
  const running = await connection.start(script, { title, signal })
  running.stdin.end()
  return await textOf(running.output())
}

export async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
