import type { Client, ClientChannel } from 'ssh2'
import type { LoggedIn } from './attempt.ts'
import type { Entry } from './entry.ts'
import { type Streams, type Transport, trailMs, within } from './transport.ts'

const closeMs = 1000

/**
 * A shell on a channel of an SSH connection that it has to itself. `silence` is after how many seconds without an
 * answer keepalive gives up. Throws where the shell is not to be had.
 */
export async function sshTransport(
  { client, socket }: LoggedIn,
  entry: Entry,
  silence: number,
): Promise<Transport> {
  let fault: string | undefined
  client.on('error', (error) => {
    fault ??=
      error.message === 'Keepalive timeout' ? `no sign of life from it for ${silence} s` : error.message
  })
  const gone = new Promise<string>((resolve) => {
    client.once('close', () => resolve(fault ?? 'the host closed it'))
  })
  const start = async () => {
    const channel = await exec(client, entry.command)
    const ended = Promise.race([endOf(channel).then((why) => fault ?? why), gone])
    const streams: Streams = { stdin: channel, stdout: channel, stderr: channel.stderr, ended }
    await entry.enter(streams)
    return streams
  }
  return {
    ...(await start()),
    another: start,
    async close() {
      client.end()
      await within(closeMs, gone, '')
      socket.destroy()
    },
  }
}

function exec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}

function endOf(channel: ClientChannel): Promise<string> {
  return new Promise((resolve) => {
    let why = 'the shell ended'
    const closed = new Promise<undefined>((done) => channel.once('close', () => done(undefined)))
    closed.then(() => resolve(why))
    channel.once('exit', (code: number | null, signal?: string) => {
      why = code === null ? `the shell was killed by ${signal}` : `the shell exited with code ${code}`
      // A background child may hold the channel open for ever: what was printed arrives at once.
      within(trailMs, closed, undefined).then(() => resolve(why))
    })
  })
}
