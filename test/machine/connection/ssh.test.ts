import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection, Target } from '../../../lib/connection/connection.ts'
import { ConnectionError } from '../../../lib/connection/error.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import { sh } from '../../../lib/script/index.ts'
import { targetLike } from '../../target.ts'
import { keysIn } from './keys.ts'
import { listen } from './listen.ts'
import { temporaryFolder } from './shells.ts'
import { type Sshd, startSshd } from './sshd.ts'

const folder = temporaryFolder()
const keys = keysIn(folder.path)
const { file, make, parsed } = keys
let sshd: Sshd

beforeAll(async () => {
  make('host', 'ed25519')
  make('host-rsa', 'rsa')
  make('user', 'ed25519')
  make('stranger', 'ed25519')
  make('encrypted', 'ed25519', 'pass')
  sshd = await startSshd({ hostKeys: [file('host'), file('host-rsa')], admits: parsed('user') })
  writeFileSync(file('known'), known('host'))
})
afterAll(async () => {
  await sshd.close()
  folder.remove()
})

function known(key: string, port = sshd.port): string {
  return keys.known(key, port)
}

function open(values: Partial<Target> = {}, options: { signal?: AbortSignal } = {}): Promise<Connection> {
  const at = { name: 'web-1', connection: 'ssh', user: 'deploy', port: sshd.port } as const
  return openConnection(
    targetLike({ ...at, identityFile: file('user'), knownHostsFile: file('known'), ...values }),
    options,
  )
}

async function refusal(
  values: Partial<Target>,
  options: { signal?: AbortSignal } = {},
): Promise<ConnectionError> {
  const outcome = await open(values, options).catch((error: unknown) => error)
  if (outcome instanceof ConnectionError) return outcome
  throw new Error(`no ConnectionError: ${outcome}`)
}

describe('a known host', () => {
  test('lets us in, and runs scripts', async () => {
    const connection = await open()
    try {
      expect(await connection.run(sh`echo hello; exit 4`)).toEqual({ stdout: 'hello\n', stderr: '', code: 4 })
    } finally {
      await connection.close()
    }
    expect(sshd.commands.at(-1)).toBe('exec /bin/sh')
  })

  test('that is known by RSA alone shows that key', async () => {
    writeFileSync(file('known-rsa'), known('host-rsa'))
    await (await open({ knownHostsFile: file('known-rsa') })).close()
  })

  test('that is known in hashed form is known', async () => {
    writeFileSync(file('known-hashed'), known('host'))
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file('known-hashed')], { stdio: 'ignore' })
    expect(readFileSync(file('known-hashed'), 'utf8')).toMatch(/^\|1\|/)
    await (await open({ knownHostsFile: file('known-hashed') })).close()
  })
})

describe('a host that is not to be trusted is refused', () => {
  test('unknown: with the fingerprint and what to type', async () => {
    const error = await refusal({ knownHostsFile: file('none') })
    const [, print] = execFileSync('ssh-keygen', ['-lf', file('host.pub')], { encoding: 'utf8' }).split(' ')
    expect(error).toMatchObject({ reason: 'host-key', exitCode: 4 })
    expect(error.message).toContain(`ssh-ed25519 ${print}`)
    expect(error.hint).toContain(`ssh-keyscan -p ${sshd.port} 127.0.0.1 >> ${file('none')}`)
  })

  test('changed: with the place of the old key and what to type, which then works', async () => {
    writeFileSync(file('known-old'), `# old\n${known('stranger')}`)
    const error = await refusal({ knownHostsFile: file('known-old') })
    expect(error.message).toContain('has changed')
    expect(error.message).toContain(`${file('known-old')}:2`)
    const command = error.hint?.slice(error.hint.indexOf('ssh-keygen')) ?? ''
    expect(command).toBe(`ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${file('known-old')}`)
    execFileSync('sh', ['-c', command], { stdio: 'ignore' })
    expect((await refusal({ knownHostsFile: file('known-old') })).message).toContain('is not known')
  })

  test('revoked', async () => {
    writeFileSync(
      file('known-revoked'),
      `${known('host')}@revoked * ${readFileSync(file('host.pub'), 'utf8')}`,
    )
    expect((await refusal({ knownHostsFile: file('known-revoked') })).message).toContain('revoked')
  })

  test('known by a certificate authority alone', async () => {
    writeFileSync(file('known-ca'), `@cert-authority ${known('stranger')}`)
    expect((await refusal({ knownHostsFile: file('known-ca') })).message).toContain('certificate')
  })

  test('and the key that would let us in is not even offered', async () => {
    const before = sshd.offered
    await refusal({ knownHostsFile: file('none') })
    expect(sshd.offered).toBe(before)
    await (await open()).close()
    expect(sshd.offered).toBeGreaterThan(before)
  })
})

describe('keys', () => {
  test('a key that the host does not know', async () => {
    const error = await refusal({ identityFile: file('stranger') })
    expect(error).toMatchObject({ reason: 'authentication', exitCode: 4 })
    expect(error.message).toContain(`does not let deploy in; tried ${file('stranger')}`)
  })

  test('a key file that is missing', async () => {
    expect(await refusal({ identityFile: file('nothing') })).toMatchObject({
      reason: 'identity',
      message: expect.stringContaining('does not exist'),
    })
  })

  test('a key file that others may read', async () => {
    writeFileSync(file('open'), readFileSync(file('user')), { mode: 0o600 })
    chmodSync(file('open'), 0o640)
    expect((await refusal({ identityFile: file('open') })).hint).toBe(`chmod 600 ${file('open')}`)
    chmodSync(file('open'), 0o600)
    await (await open({ identityFile: file('open') })).close()
  })

  test('an encrypted key, with no agent', async () => {
    const error = await withoutAgent(() => refusal({ identityFile: file('encrypted') }))
    expect(error.message).toContain('is encrypted')
    expect(error.hint).toContain('ssh-add')
  })

  test('the public half, by mistake', async () => {
    writeFileSync(file('half'), readFileSync(file('user.pub')), { mode: 0o600 })
    expect((await refusal({ identityFile: file('half') })).message).toContain('no private key')
  })

  test('an agent that holds the encrypted key, among others', async () => {
    const agent = startAgent(['stranger', 'user'])
    try {
      // The file is encrypted, its public half is the user's: so the agent's second key is the one to offer.
      writeFileSync(file('locked'), readFileSync(file('encrypted')), { mode: 0o600 })
      writeFileSync(file('locked.pub'), readFileSync(file('user.pub')))
      await agent.use(async () => (await open({ identityFile: file('locked') })).close())
    } finally {
      agent.stop()
    }
  })

  test('an agent that is gone is passed over', async () => {
    const error = await withAgent(file('no-agent'), () => refusal({ identityFile: file('encrypted') }))
    expect(error.message).toContain('no agent holds it')
  })
})

describe('a host that cannot be reached', () => {
  test('nothing listens there: at once', async () => {
    const started = performance.now()
    expect(await refusal({ port: 1 })).toMatchObject({ reason: 'refused', exitCode: 4 })
    expect(performance.now() - started).toBeLessThan(200)
  })

  test('its name does not resolve', async () => {
    expect(await refusal({ host: 'nowhere.invalid' })).toMatchObject({ reason: 'name' })
  })

  test('it accepts and says nothing: one timeout, and no second one', async () => {
    const silent = await listen(() => {})
    const error = await refusal({ port: silent.port, connectTimeoutSeconds: 0.2 })
    expect(error).toMatchObject({ reason: 'timeout' })
    expect(error.message).toContain('in 0.2 s while negotiating with sshd')
    expect(silent.seen).toBe(1)
    silent.close()
  })

  test('it drops us before its banner twice, as sshd does under load: the third try gets in', async () => {
    let dropped = 0
    const { connect } = await import('node:net')
    const busy = await listen((socket) => {
      if (++dropped <= 2) return socket.destroy()
      const on = connect(sshd.port, '127.0.0.1')
      socket.pipe(on).pipe(socket)
    })
    writeFileSync(file('known-busy'), known('host', busy.port))
    await (await open({ port: busy.port, knownHostsFile: file('known-busy') })).close()
    expect(busy.seen).toBe(3)
    busy.close()
  })

  test('an abort gives up at once', async () => {
    const silent = await listen(() => {})
    const control = new AbortController()
    setTimeout(() => control.abort(), 50)
    const started = performance.now()
    expect(await refusal({ port: silent.port }, { signal: control.signal })).toMatchObject({
      reason: 'interrupted',
      exitCode: 130,
    })
    expect(performance.now() - started).toBeLessThan(1000)
    silent.close()
  })
})

describe('become', () => {
  test('asks sudo, and not for root', async () => {
    await open({ become: true }).then(
      (connection) => connection.close(),
      () => {},
    )
    expect(sshd.commands.at(-1)).toBe('exec sudo -n -H /bin/sh')
    await (await open({ become: true, user: 'root' })).close()
    expect(sshd.commands.at(-1)).toBe('exec /bin/sh')
  })

  const refusals = [
    ['sudo: a password is required', 'NOPASSWD'],
    ['sudo: a terminal is required to read the password; either use the -S option', 'NOPASSWD'],
    ['deploy is not in the sudoers file.', 'NOPASSWD'],
    ['sh: 1: exec: sudo: not found', 'install sudo'],
  ] as const
  test.each(refusals)('%s', async (said, hint) => {
    const strict = await startSshd({
      hostKeys: [file('host')],
      admits: parsed('user'),
      command: `echo '${said}' >&2; exit 1`,
    })
    writeFileSync(file('known-strict'), known('host', strict.port))
    const error = await refusal({ port: strict.port, knownHostsFile: file('known-strict'), become: true })
    expect(error).toMatchObject({ reason: 'become', hint: expect.stringContaining(hint) })
    await strict.close()
  })

  test('an account without a shell', async () => {
    const strict = await startSshd({
      hostKeys: [file('host')],
      admits: parsed('user'),
      command: 'echo This account is currently not available.; exit 1',
    })
    writeFileSync(file('known-strict'), known('host', strict.port))
    const error = await refusal({ port: strict.port, knownHostsFile: file('known-strict') })
    expect(error).toMatchObject({ reason: 'shell', message: expect.stringContaining('not available') })
    await strict.close()
  })
})

test('a connection cut in the middle of a script is lost', async () => {
  const connection = await open()
  const running = connection.run(sh`sleep 3`).catch((error: unknown) => error)
  setTimeout(() => sshd.cut(), 100)
  expect(await running).toMatchObject({
    reason: 'lost',
    message: expect.stringContaining('web-1: lost the connection while running "sleep 3"'),
  })
})

async function withAgent<T>(socket: string | undefined, work: () => Promise<T>): Promise<T> {
  const before = process.env.SSH_AUTH_SOCK
  if (socket === undefined) delete process.env.SSH_AUTH_SOCK
  else process.env.SSH_AUTH_SOCK = socket
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.SSH_AUTH_SOCK
    else process.env.SSH_AUTH_SOCK = before
  }
}

function withoutAgent<T>(work: () => Promise<T>): Promise<T> {
  return withAgent(undefined, work)
}

function startAgent(keys: readonly string[]): { use<T>(work: () => Promise<T>): Promise<T>; stop(): void } {
  const socket = file('agent')
  const said = execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' })
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1])
  for (const key of keys) {
    execFileSync('ssh-add', ['-q', file(key)], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
  }
  return { use: (work) => withAgent(socket, work), stop: () => process.kill(pid) }
}
