import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Hop } from './hop.ts'
import { proxySocket } from './proxy-command.ts'
import type { Settled } from './settled.ts'

/** A connected stream to a host's sshd: direct, through a jump host, or through a ProxyCommand. */
export async function reach(target: Settled, hop: Hop | undefined, stop: AbortSignal): Promise<Duplex> {
  if (hop !== undefined) return hop.forward(target.host, target.port)
  if (target.proxyCommand !== undefined) return proxySocket(target, target.proxyCommand)
  const socket = connect({ host: target.host, port: target.port, noDelay: true })
  const giveUp = () => socket.destroy(new Error('given up'))
  stop.addEventListener('abort', giveUp, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('given up')))
      socket.on('error', () => {}) // later ones reach us through the client
    })
    return socket
  } finally {
    stop.removeEventListener('abort', giveUp)
  }
}
