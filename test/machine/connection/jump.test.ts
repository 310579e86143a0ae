import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Target } from '../../../lib/connection/connection.ts'
import { Connector } from '../../../lib/connection/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { targetLike } from '../../target.ts'
import { keysIn } from './keys.ts'
import { listen } from './listen.ts'
import { temporaryFolder } from './shells.ts'
import { type Sshd, startSshd } from './sshd.ts'

const folder = temporaryFolder()
const { file, make, parsed, known } = keysIn(folder.path)
let bastion: Sshd
let second: Sshd
let inner: Sshd

beforeAll(async () => {
  for (const name of ['bastion', 'second', 'inner', 'user']) make(name)
  const admits = parsed('user')
  bastion = await startSshd({ hostKeys: [file('bastion')], admits, forwards: true })
  second = await startSshd({ hostKeys: [file('second')], admits, forwards: true })
  inner = await startSshd({ hostKeys: [file('inner')], admits })
  const lines = [known('bastion', bastion.port), known('second', second.port), known('inner', inner.port)]
  writeFileSync(file('known'), lines.join(''))
})
afterAll(async () => {
  await Promise.all([bastion.close(), second.close(), inner.close()])
  folder.remove()
})

const remote = (name: string, port: number, values: Partial<Target> = {}) =>
  targetLike({
    name,
    connection: 'ssh',
    port,
    user: 'deploy',
    identityFile: file('user'),
    knownHostsFile: file('known'),
    ...values,
  })
const viaBastion = () => [remote('bastion', bastion.port)]

async function complaint(target: Target, connector = new Connector()): Promise<Error & { hint?: string }> {
  const outcome: unknown = await connector.open(target).catch((error: unknown) => error)
  if (outcome instanceof Error) return outcome
  throw new Error('it came up')
}

test('hosts behind a jump host share one connection to it, which is closed after the last of them', async () => {
  const connector = new Connector()
  const names = ['web-1', 'web-2', 'web-3']
  const before = bastion.logins
  const connections = await Promise.all(
    names.map((name) => connector.open(remote(name, inner.port, { jump: viaBastion() }))),
  )
  for (const connection of connections) expect((await connection.run(sh`echo in`)).stdout).toBe('in\n')
  expect(bastion.logins - before).toBe(1)
  expect(bastion.forwards.slice(-3)).toEqual(Array(3).fill(`127.0.0.1:${inner.port}`))
  expect(bastion.commands).toEqual([])
  await connections[0]?.close()
  await connections[1]?.close()
  expect((await connections[2]?.run(sh`echo still`))?.stdout).toBe('still\n')
  await connections[2]?.close()
  await expect.poll(() => bastion.present).toBe(0)
})

test('two jump hosts, one behind the other', async () => {
  const jump = [remote('bastion', bastion.port), remote('second', second.port)]
  const connection = await new Connector().open(remote('web-1', inner.port, { jump }))
  expect((await connection.run(sh`echo in`)).stdout).toBe('in\n')
  expect(bastion.forwards.at(-1)).toBe(`127.0.0.1:${second.port}`)
  expect(second.forwards.at(-1)).toBe(`127.0.0.1:${inner.port}`)
  await connection.close()
  await expect.poll(() => [bastion.present, second.present]).toEqual([0, 0])
})

test('a jump host that has one of its own', async () => {
  const jump = [remote('second', second.port, { jump: viaBastion() })]
  const before = bastion.logins
  const connection = await new Connector().open(remote('web-1', inner.port, { jump }))
  await connection.close()
  expect(bastion.logins - before).toBe(1)
})

test('jump hosts that go in a circle are told', async () => {
  const at = `HostName 127.0.0.1\n  Port ${bastion.port}`
  const config = `Host left\n  ${at}\n  ProxyJump right\nHost right\n  ${at}\n  ProxyJump left\nHost web-1\n  ProxyJump left\nHost web-2\n  ProxyJump right\n`
  writeFileSync(file('config'), config)
  const connector = new Connector()
  const behind = (name: string) =>
    complaint(remote(name, inner.port, { host: name, sshConfig: file('config') }), connector)
  // At once, since each would wait for the other's.
  const [one, other] = await Promise.all([behind('web-1'), behind('web-2')])
  expect(one.message).toMatch(/is behind jump hosts that go in a circle: left again$/)
  expect(one.hint).toContain('ProxyJump in ssh_config')
  expect(other.message).toMatch(/circle: right again$/)
})

test("a jump host's own key is verified, and the error names it", async () => {
  writeFileSync(file('known-inner'), known('inner', inner.port))
  const jump = [remote('bastion', bastion.port, { knownHostsFile: file('known-inner') })]
  const error = await complaint(remote('web-1', inner.port, { jump }))
  expect(error).toMatchObject({
    reason: 'host-key',
    message: expect.stringContaining(
      `web-1: jump host bastion: the host key of 127.0.0.1 port ${bastion.port} is not known`,
    ),
  })
})

test('the key of a host behind it is verified, too; what the hint says makes it known', async () => {
  writeFileSync(file('known-outer'), known('bastion', bastion.port))
  const target = remote('web-1', inner.port, { jump: viaBastion(), knownHostsFile: file('known-outer') })
  const error = await complaint(target)
  expect(error.message).toContain(`web-1: the host key of 127.0.0.1 port ${inner.port} is not known`)
  const command = error.hint?.slice(error.hint.indexOf('echo ')) ?? ''
  execFileSync('sh', ['-c', command])
  await (await new Connector().open(target)).close()
})

test('what the jump host cannot reach is told with its name', async () => {
  expect(await complaint(remote('web-1', 1, { jump: viaBastion() }))).toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(/^web-1: jump host bastion cannot connect to 127.0.0.1 port 1: /),
  })
})

test('a jump host that is down is tried once for all the hosts behind it', async () => {
  const dropping = await listen((socket) => socket.destroy())
  const connector = new Connector()
  const jump = [remote('bastion', dropping.port)]
  const errors = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      complaint(remote(`web-${index}`, inner.port, { jump }), connector),
    ),
  )
  expect(dropping.seen).toBe(3)
  expect(errors[19]?.message).toMatch(/^web-19: jump host bastion: .* closed the connection/)
  await complaint(remote('web-20', inner.port, { jump }), connector)
  expect(dropping.seen).toBe(3)
  dropping.close()
})

test('no more than sixteen hosts connect through one jump host at a time', async () => {
  const silent = await listen((socket) => socket.resume())
  const connector = new Connector()
  const target = (index: number) =>
    remote(`web-${index}`, silent.port, { jump: viaBastion(), connectTimeoutSeconds: 1 })
  const errors = await Promise.all(
    Array.from({ length: 40 }, (_, index) => complaint(target(index), connector)),
  )
  expect(errors[39]).toMatchObject({ reason: 'timeout' })
  expect(errors[39]?.message).toContain('(through bastion) in 1 s while negotiating with sshd')
  expect(silent.seen).toBe(40)
  // Bun tells a server later that a connection is gone: the next sixteen are there by then.
  expect(silent.peak).toBeLessThanOrEqual(process.versions.bun ? 32 : 16)
  silent.close()
})

test('when the jump host goes away its hosts are lost, and a new connection goes through a new one', async () => {
  const connector = new Connector()
  const target = remote('web-1', inner.port, { jump: viaBastion() })
  const connection = await connector.open(target)
  const running = connection.run(sh`sleep 1`).catch((error: unknown) => error)
  setTimeout(() => bastion.cut(), 100)
  expect(await running).toMatchObject({ reason: 'lost' })
  const again = await connector.open(target)
  expect((await again.run(sh`echo back`)).stdout).toBe('back\n')
  await again.close()
})

test('a jump host that is known by another key in the known hosts of one of its hosts is refused for that one', async () => {
  const connector = new Connector()
  const connection = await connector.open(remote('web-1', inner.port, { jump: viaBastion() }))
  const changed = [known('user', bastion.port), known('inner', inner.port)]
  writeFileSync(file('known-changed'), changed.join(''))
  const jump = [remote('bastion', bastion.port, { knownHostsFile: file('known-changed') })]
  const error = await complaint(remote('web-2', inner.port, { jump }), connector)
  expect(error.message).toMatch(
    /^web-2: jump host bastion: the host key of 127\.0\.0\.1 port \d+ has changed/,
  )
  await connection.close()
})
