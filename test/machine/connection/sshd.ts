import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2'

export interface Sshd {
  readonly port: number
  /** keys that were offered so far */
  readonly offered: number
  /** how many got in so far, and how many of them are still there */
  readonly logins: number
  readonly present: number
  /** the commands that were executed */
  readonly commands: readonly string[]
  /** the addresses that were asked to be forwarded to */
  readonly forwards: readonly string[]
  /** cuts all connections off */
  cut(): void
  close(): Promise<void>
}

export interface SshdOptions {
  readonly hostKeys: readonly string[]
  /** the public key that gets in */
  readonly admits: ParsedKey
  /** a password that gets in, too */
  readonly password?: string
  /** what to run instead of the command asked for */
  readonly command?: string
  /** never answers to this: who we are, or the command */
  readonly stalls?: 'authentication' | 'command'
  /** as a jump host: whether it forwards */
  readonly forwards?: boolean
}

/** An SSH server in this process, which runs commands with the local sh. */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const clients = new Set<Connection>()
  const commands: string[] = []
  const forwards: string[] = []
  const counts = { offered: 0, logins: 0 }
  const hostKeys = options.hostKeys.map((file) => readFileSync(file))
  const server = new ssh2.Server({ hostKeys }, (client) => {
    clients.add(client)
    client.on('error', () => {})
    client.on('close', () => clients.delete(client))
    client.on('ready', () => {
      counts.logins += 1
    })
    client.on('authentication', (context) => {
      if (context.method === 'publickey') counts.offered += 1
      if (options.stalls !== 'authentication') judge(context, options)
    })
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        commands.push(command)
        if (options.stalls !== 'command') execute(acceptExec(), options.command ?? command)
      })
    })
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      forwards.push(`${destIP}:${destPort}`)
      if (options.forwards !== true) return reject()
      const on = connect(destPort, destIP)
      on.once('connect', () => {
        const channel = accept()
        channel.on('error', () => {})
        channel.on('close', () => on.destroy())
        on.pipe(channel).pipe(on)
      })
      on.once('error', reject)
      on.on('error', () => {})
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
      return counts.offered
    },
    get logins() {
      return counts.logins
    },
    get present() {
      return clients.size
    },
    commands,
    forwards,
    cut,
    close: () =>
      new Promise((resolve) => {
        cut()
        server.close(() => resolve())
      }),
  }
}

function judge(context: AuthContext, options: SshdOptions): void {
  if (admitted(context, options)) context.accept()
  else context.reject(options.password === undefined ? ['publickey'] : ['publickey', 'password'])
}

function admitted(context: AuthContext, { admits, password }: SshdOptions): boolean {
  if (context.method === 'password') return password !== undefined && context.password === password
  if (context.method !== 'publickey' || !context.key.data.equals(admits.getPublicSSH())) return false
  const { signature, blob, hashAlgo } = context
  // Without a signature the client only asks whether the key would do.
  return signature === undefined || blob === undefined || admits.verify(blob, signature, hashAlgo) === true
}

function execute(channel: ServerChannel, command: string): void {
  const child = spawn('sh', ['-c', command])
  channel.on('error', () => {})
  child.stdin.on('error', () => {})
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  child.on('close', (code) => {
    channel.exit(code ?? 255)
    channel.end()
  })
}
