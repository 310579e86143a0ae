import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { Client, KexAlgorithm } from 'ssh2'
import type { ConnectionError } from './error.ts'
import { accept, distrust, hostKeyAlgorithms, isNew, type Trust } from './host-key.ts'
import type { Offers } from './identity.ts'
import type { Settled } from './settled.ts'

/** Ours, but the group exchange last: it blocks the processor for a second. */
const kex: KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group-exchange-sha256',
]

/** What a handshake needs to know, and whom it tells. */
export interface Login {
  readonly target: Settled
  readonly trust: Trust
  readonly offers: Offers
  /** told, in words, of a new host key that was accepted; without it none is */
  readonly accepted: ((text: string) => void) | undefined
  /** told when the keys are exchanged and who we are is what comes next */
  readonly negotiated: () => void
}

/** The SSH handshake on a connected socket. Throws the refusal itself when the host's key is not to be trusted. */
export async function login(
  socket: Duplex,
  { target, trust, offers, accepted, negotiated }: Login,
): Promise<Client> {
  let refusal: ConnectionError | undefined
  let unknown: Buffer | undefined
  const ssh = new NodeSSH()
  const ready = ssh.connect({
    host: target.host,
    sock: socket,
    username: target.user,
    algorithms: { kex, serverHostKey: hostKeyAlgorithms(trust) },
    // Only a literal false denies: a promise, or undefined without a call back, would let any key in.
    hostVerifier: (key: Buffer, verify: (permitted: boolean) => void) => {
      refusal = distrust(trust, key)
      if (refusal !== undefined && accepted !== undefined && isNew(trust, key)) {
        unknown = key
        refusal = undefined
      }
      verify(refusal === undefined)
    },
    authHandler: offers.offers.map((offer) => offer.method),
    readyTimeout: 0, // the attempt has a deadline of its own
    keepaliveInterval: target.keepaliveSeconds * 1000,
    keepaliveCountMax: target.keepaliveMisses,
    ...(target.forwardAgent && target.agentSocket !== undefined
      ? { agent: target.agentSocket, agentForward: true }
      : {}),
  })
  const client = ssh.connection
  // node-ssh stops listening once it is ready, and an error without a listener would end the process.
  client?.on('error', () => {})
  let recorded: Promise<void> | undefined
  client?.once('handshake', () => {
    negotiated()
    // Only now has the host proved that the key is its own.
    if (unknown !== undefined)
      recorded = accept(trust, unknown).then((text) => {
        if (text !== undefined) accepted?.(text)
      })
    recorded?.catch(() => {}) // it is waited for below
  })
  try {
    await ready
  } catch (error) {
    await recorded
    throw refusal ?? error
  }
  await recorded
  if (client === null) throw new Error('No response from server')
  return client
}
