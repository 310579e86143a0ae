import { connectTo, type Shared } from './attempt.ts'
import { entryOf } from './become.ts'
import type { Connection } from './connection.ts'
import type { Jumps } from './jumps.ts'
import type { Settled } from './settled.ts'
import { Shell } from './shell.ts'
import { sshTransport } from './ssh-transport.ts'

/** A shell on a host through SSH: its key verified against known_hosts, and another user's through sudo or su if told. */
export async function openSsh(
  target: Settled,
  jumps: Jumps,
  shared: Shared,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const hop = await jumps.before(target, signal)
  try {
    return await connectTo(target, hop, shared, signal, async ({ client, socket }, phase) => {
      phase('starting a shell')
      const agent = target.forwardAgent && target.agentSocket !== undefined
      const entry = entryOf(target, target.user, { agent })
      const silence = target.keepaliveSeconds * (target.keepaliveMisses + 1)
      const transport = await sshTransport({ client, socket }, entry, silence)
      return Shell.start(target, {
        ...transport,
        close: () => transport.close().finally(() => hop?.release()),
      })
    })
  } catch (error) {
    hop?.release()
    throw error
  }
}
