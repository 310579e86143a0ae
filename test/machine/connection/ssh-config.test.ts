import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Target } from '../../../lib/connection/connection.ts'
import { Connector } from '../../../lib/connection/index.ts'
import { settle } from '../../../lib/connection/settled.ts'
import { SshConfigs } from '../../../lib/connection/ssh-config.ts'
import { sectionsOf, speaksOf } from '../../../lib/connection/ssh-config-files.ts'
import { sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { targetLike } from '../../target.ts'
import { keysIn } from './keys.ts'
import { listen } from './listen.ts'
import { temporaryFolder } from './shells.ts'
import { type Sshd, startSshd } from './sshd.ts'

const folder = temporaryFolder()
const { file, make, parsed, known } = keysIn(folder.path)
let sshd: Sshd

beforeAll(async () => {
  make('host')
  make('user')
  make('locked', 'ed25519', 'open sesame')
  sshd = await startSshd({ hostKeys: [file('host')], admits: parsed('user'), password: 'hunter2' })
  writeFileSync(file('known'), known('host', sshd.port))
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await sshd.close()
  folder.remove()
})

const ssh = (values: Partial<Target>) =>
  targetLike({ name: 'web', connection: 'ssh', host: 'web', ...values })
async function settled(config: string, values: Partial<Target> = {}) {
  writeFileSync(file('config'), config)
  const target = ssh({ sshConfig: file('config'), ...values })
  return settle(target, await new SshConfigs(() => {}).of(target))
}

test('the inventory comes before ssh_config, and that before the defaults', async () => {
  const config = `Host web
    HostName 10.0.0.9
    Port 2200
    User ops
    IdentityFile /keys/%h
    IdentitiesOnly yes
    UserKnownHostsFile /known/a /known/b
    HostKeyAlias web.internal
    ProxyJump a@bastion:2222,inner
    ConnectTimeout 7`
  expect(await settled(config)).toMatchObject({
    host: '10.0.0.9',
    port: 2200,
    user: 'ops',
    identityFiles: ['/keys/10.0.0.9'],
    identitiesOnly: true,
    hostKeyAlias: 'web.internal',
    connectTimeoutSeconds: 5, // the target's own
    jump: [
      { host: 'bastion', user: 'a', port: 2222 },
      { host: 'inner', user: undefined },
    ],
  })
  const own = { port: 22, user: 'me', jump: [], connectTimeoutSeconds: undefined, knownHostsFile: '/k' }
  expect(await settled(config, own)).toMatchObject({
    port: 22,
    user: 'me',
    jump: [],
    connectTimeoutSeconds: 7,
    knownHostsFiles: ['/k'],
  })
  expect(await settled('', { connectTimeoutSeconds: undefined })).toMatchObject({
    host: 'web',
    port: 22,
    jump: [],
    connectTimeoutSeconds: 10,
    forwardAgent: false,
  })
})

test('ssh is asked only for hosts of which a file may speak', async () => {
  writeFileSync(file('extra'), 'Host db-*\n  Port 3000\n')
  writeFileSync(file('plain'), `Host *\n  SendEnv LANG\nHost git !git2\n  User git\nInclude extra\n`)
  const sections = await sectionsOf(file('plain'), folder.path, folder.path)
  expect(['web', 'git', 'git2', 'db-1'].filter((host) => speaksOf(sections, host))).toEqual(['git', 'db-1'])
  writeFileSync(file('match'), 'Match exec "true"\n  Port 1\n')
  expect(speaksOf(await sectionsOf(file('match'), folder.path, folder.path), 'web')).toBe(true)
})

test('where there is no ssh its configuration is not read, and that is said once', async () => {
  vi.stubEnv('PATH', folder.path)
  const said: string[] = []
  const configs = new SshConfigs((text) => said.push(text))
  const target = ssh({ sshConfig: file('config') })
  expect([...(await configs.of(target))]).toEqual([])
  await configs.of(target)
  expect(said).toEqual([expect.stringContaining('ssh_config is not read')])
})

test('a configuration that makes no sense is an error', async () => {
  await expect(settled('Host web\n  Prot 22\n')).rejects.toMatchObject({ reason: 'configuration' })
})

test('a connection goes where ssh_config says, through its ProxyCommand', async () => {
  const pipe = `const s=require('net').connect(process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)`
  writeFileSync(file('pipe.cjs'), pipe.replaceAll('argv[2]', 'argv[3]').replaceAll('argv[1]', 'argv[2]'))
  writeFileSync(
    file('proxied'),
    `Host web\n HostName 127.0.0.1\n Port ${sshd.port}\n User ops\n IdentityFile ${file('user')}\n UserKnownHostsFile ${file('known')}\n ProxyCommand ${process.execPath} ${file('pipe.cjs')} %h %p\n`,
  )
  const connection = await new Connector().open(ssh({ sshConfig: file('proxied') }))
  expect((await connection.run(sh`echo in`)).stdout).toBe('in\n')
  await connection.close()
  writeFileSync(file('broken'), `Host web\n ProxyCommand sh -c 'echo no such tunnel >&2; exit 1'\n`)
  const broken = ssh({ sshConfig: file('broken'), identityFile: file('user'), knownHostsFile: file('known') })
  await expect(new Connector().open(broken)).rejects.toThrow('no such tunnel')
})

const direct = (values: Partial<Target> = {}) =>
  ssh({
    host: '127.0.0.1',
    port: sshd.port,
    user: 'deploy',
    identityFile: file('user'),
    knownHostsFile: file('known'),
    ...values,
  })

test('a passphrase is asked for once a key and run; three wrong ones are enough', async () => {
  const asked: string[] = []
  const gate = await startSshd({ hostKeys: [file('host')], admits: parsed('locked') })
  writeFileSync(file('known-gate'), known('host', gate.port))
  const target = direct({ port: gate.port, identityFile: file('locked'), knownHostsFile: file('known-gate') })
  vi.stubEnv('SSH_AUTH_SOCK', '')
  const answering = (answers: string[]) => async (question: string) => {
    asked.push(question)
    return new Secret(answers.shift() ?? 'wrong')
  }
  const connector = new Connector({ ask: answering(['wrong', 'open sesame']) })
  const both = await Promise.all([connector.open(target), connector.open(target)])
  await Promise.all(both.map((connection) => connection.close()))
  expect(asked).toHaveLength(2)
  asked.length = 0
  await expect(new Connector({ ask: answering([]) }).open(target)).rejects.toMatchObject({
    reason: 'identity',
  })
  expect(asked).toHaveLength(3)
  await expect(new Connector().open(target)).rejects.toThrow('is encrypted')
  await gate.close()
})

test('a password of the inventory lets in where the key does not', async () => {
  const target = direct({ identityFile: file('host'), password: new Secret('hunter2') })
  await (await new Connector().open(target)).close()
  await expect(new Connector().open({ ...target, password: new Secret('nope') })).rejects.toMatchObject({
    reason: 'authentication',
  })
})

test.each([
  ['authentication', 'logging in'],
  ['command', 'starting a shell'],
] as const)('a host that stalls at the %s is cut off by its timeout', async (stalls, phase) => {
  const stalled = await startSshd({ hostKeys: [file('host')], admits: parsed('user'), stalls })
  writeFileSync(file('known-stalled'), known('host', stalled.port))
  const values = { port: stalled.port, knownHostsFile: file('known-stalled'), connectTimeoutSeconds: 1 }
  const started = performance.now()
  await expect(new Connector().open(direct(values))).rejects.toMatchObject({
    reason: 'timeout',
    message: expect.stringContaining(`in 1 s while ${phase}`),
  })
  expect(performance.now() - started).toBeLessThan(4000)
  await stalled.close()
})

test('a host that shows its banner and then stalls is cut off by its timeout', async () => {
  const banner = await listen((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))
  await expect(new Connector().open(direct({ port: banner.port, connectTimeoutSeconds: 1 }))).rejects.toThrow(
    'in 1 s while negotiating with sshd',
  )
  banner.close()
})
