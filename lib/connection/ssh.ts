import { connect, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { NodeSSH } from 'node-ssh'
import type { Client, KexAlgorithm } from 'ssh2'
import { entryOf } from './become.ts'
import type { Connection, Target } from './connection.ts'
import type { ConnectionError } from './error.ts'
import { type Attempt, connectFailure, type Phase } from './failure.ts'
import { distrust, hostKeyAlgorithms, loadTrust, type Trust } from './host-key.ts'
import { loadOffers, type Offers } from './identity.ts'
import { withRetry } from './retry.ts'
import { Shell } from './shell.ts'
import { sshTransport } from './ssh-transport.ts'

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

const keepaliveMs = 15_000
const keepaliveMisses = 3

/** A shell on a host through SSH: its key verified against known_hosts, and another user's through sudo if told. */
export async function openSsh(target: Target, options: { signal?: AbortSignal } = {}): Promise<Connection> {
  const user = target.user ?? userInfo().username
  const trust = await loadTrust(target)
  const offers = await loadOffers(target, user)
  return withRetry(() => attempt({ ...target, user }, trust, offers, options.signal), options.signal)
}

/** One try, of at most connectTimeoutSeconds from the first packet to the shell's first answer. */
async function attempt(
  target: Target & { readonly user: string },
  trust: Trust,
  offers: Offers,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const deadline = AbortSignal.timeout(target.connectTimeoutSeconds * 1000)
  const stop = signal ? AbortSignal.any([signal, deadline]) : deadline
  let phase: Phase = 'reaching it'
  let socket: Socket | undefined
  // Every wait below ends when the socket does, so destroying it is all it takes to give up.
  const giveUp = () => socket?.destroy(new Error('given up'))
  stop.addEventListener('abort', giveUp, { once: true })
  try {
    stop.throwIfAborted()
    socket = connect({ host: target.host, port: target.port, noDelay: true })
    await connected(socket)
    phase = 'negotiating with sshd'
    const client = await login(target, socket, trust, offers, () => {
      phase = 'logging in'
    })
    phase = 'starting a shell'
    const transport = await sshTransport(client, socket, entryOf(target, target.user))
    const shell = await Shell.start(target, transport)
    stop.throwIfAborted()
    return shell
  } catch (error) {
    socket?.destroy()
    const known: Attempt = { target, phase, offers, deadline, signal }
    throw connectFailure(known, stop.aborted ? stop.reason : error)
  } finally {
    stop.removeEventListener('abort', giveUp)
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('given up')))
    socket.on('error', () => {}) // later ones reach us through the client
  })
}

/** The SSH handshake on a connected socket. Throws the refusal itself when the host's key is not to be trusted. */
async function login(
  target: Target & { readonly user: string },
  socket: Socket,
  trust: Trust,
  { offers }: Offers,
  negotiated: () => void,
): Promise<Client> {
  let refusal: ConnectionError | undefined
  const ssh = new NodeSSH()
  const ready = ssh.connect({
    host: target.host,
    sock: socket,
    username: target.user,
    algorithms: { kex, serverHostKey: hostKeyAlgorithms(trust) },
    // Only a literal false denies: a promise, or undefined without a call back, would let any key in.
    hostVerifier: (key: Buffer, verify: (permitted: boolean) => void) => {
      refusal = distrust(trust, key)
      verify(refusal === undefined)
    },
    authHandler: offers.map((offer) => offer.method),
    readyTimeout: 0, // the attempt has a deadline of its own
    keepaliveInterval: keepaliveMs,
    keepaliveCountMax: keepaliveMisses,
  })
  const client = ssh.connection
  // node-ssh stops listening once it is ready, and an error without a listener would end the process.
  client?.on('error', () => {})
  client?.once('handshake', negotiated)
  try {
    await ready
  } catch (error) {
    throw refusal ?? error
  }
  if (client === null) throw new Error('No response from server')
  return client
}
