import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import ssh2, { type Connection, type ParsedKey } from 'ssh2'

export interface Sshd {
  readonly port: number
  /** keys that were offered so far */
  readonly offered: number
  /** the commands that were executed */
  readonly commands: readonly string[]
  /** cuts all connections off */
  cut(): void
  close(): Promise<void>
}

export interface SshdOptions {
  readonly hostKeys: readonly string[]
  /** the public key that gets in */
  readonly admits: ParsedKey
  /** what to run instead of the command asked for */
  readonly command?: string
}

/** An SSH server in this process, which runs commands with the local sh. */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const clients = new Set<Connection>()
  const commands: string[] = []
  let offered = 0
  const hostKeys = options.hostKeys.map((file) => readFileSync(file))
  const server = new ssh2.Server({ hostKeys }, (client) => {
    clients.add(client)
    client.on('error', () => {})
    client.on('close', () => clients.delete(client))
    client.on('authentication', (context) => {
      const key = context.method === 'publickey' ? context : undefined
      if (key !== undefined) offered += 1
      if (key === undefined || !key.key.data.equals(options.admits.getPublicSSH()))
        return context.reject(['publickey'])
      if (key.signature === undefined || key.blob === undefined) return context.accept()
      return options.admits.verify(key.blob, key.signature, key.hashAlgo) === true
        ? context.accept()
        : context.reject()
    })
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        commands.push(command)
        const channel = acceptExec()
        const child = spawn('sh', ['-c', options.command ?? command])
        channel.on('error', () => {})
        child.stdin.on('error', () => {})
        channel.pipe(child.stdin)
        child.stdout.pipe(channel, { end: false })
        child.stderr.pipe(channel.stderr, { end: false })
        child.on('close', (code) => {
          channel.exit(code ?? 255)
          channel.end()
        })
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: unknown = server.address()
  const port = typeof address === 'object' && address && 'port' in address ? Number(address.port) : 0
  const cut = () => {
    for (const client of clients) client.end()
  }
  return {
    port,
    get offered() {
      return offered
    },
    commands,
    cut,
    close: () =>
      new Promise((resolve) => {
        cut()
        server.close(() => resolve())
      }),
  }
}
