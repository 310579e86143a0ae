import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Connection,
  ConnectionError,
  openConnection,
  type Target,
  TimeoutError,
} from '../../lib/connection/index.ts'
import { feed, lines, raw, sh } from '../../lib/script/index.ts'
import { Secret } from '../../lib/secret/index.ts'
import { labTarget } from './lab-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-lab-connection-'))
const file = (name: string) => join(folder, name)
const edge = labTarget('edge-1')
const knownHosts = edge.knownHostsFile ?? ''

beforeAll(() => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('stranger')])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function withConnection<T>(
  values: Partial<Target>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await openConnection({ ...edge, ...values })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

/** The error of a connection that must not come up. */
async function refusal(values: Partial<Target>): Promise<ConnectionError> {
  const outcome = await withConnection(values, async () => 'it came up').catch((error: unknown) => error)
  if (outcome instanceof ConnectionError) return outcome
  throw new Error(`no ConnectionError: ${outcome}`)
}

test('a script runs as root where the target says become, and as the user where not', async () => {
  const who = (connection: Connection) => connection.run(sh`id -un; hostname; exit 3`)
  expect(await withConnection({}, who)).toEqual({ stdout: 'root\nedge-1\n', stderr: '', code: 3 })
  expect((await withConnection({ become: false }, who)).stdout).toBe('deploy\nedge-1\n')
})

test('every host of the lab answers, all at once', async () => {
  const names = ['edge-1', 'edge-2', 'app-1', 'app-2', 'db-1']
  const hostname = (name: string) =>
    withConnection(labTarget(name), async (connection) => (await connection.run(sh`hostname`)).stdout.trim())
  expect(await Promise.all(names.map(hostname))).toEqual(names)
})

test('ten megabytes go up and come down whole', async () => {
  const bytes = Buffer.alloc(10_000_000, 'quayside ')
  const script = lines(sh`f=$(mktemp)`, sh`base64 -d > "$f"${feed(bytes)}`, sh`cat "$f"; rm "$f"`)
  const { stdout } = await withConnection({}, (connection) => connection.run(script))
  expect(stdout === bytes.toString()).toBe(true)
})

test('an unknown host key is refused, with its fingerprint and what to type', async () => {
  writeFileSync(file('empty'), '')
  const error = await refusal({ knownHostsFile: file('empty') })
  expect(error).toMatchObject({ reason: 'host-key', exitCode: 4 })
  const print = /SHA256:\S+/.exec(error.message)?.[0] ?? 'none'
  expect(execFileSync('ssh-keygen', ['-lf', knownHosts], { encoding: 'utf8' })).toContain(print)

  const command = error.hint?.slice(error.hint.indexOf('ssh-keyscan')) ?? ''
  expect(command).toBe(`ssh-keyscan -p ${edge.port} 127.0.0.1 >> ${file('empty')}`)
  execFileSync('sh', ['-c', command], { stdio: 'ignore' })
  await withConnection({ knownHostsFile: file('empty') }, (connection) => connection.run(sh`true`))
})

test('a changed host key is refused, with the line that it contradicts and how to mend it', async () => {
  const address = `[127.0.0.1]:${edge.port}`
  writeFileSync(file('changed'), `# once\n${address} ${readFileSync(file('stranger.pub'), 'utf8')}`)
  const error = await refusal({ knownHostsFile: file('changed') })
  expect(error.reason).toBe('host-key')
  expect(error.message).toContain(`${file('changed')}:2`)
  expect(error.hint).toContain(`ssh-keygen -R '${address}' -f ${file('changed')}`)
})

test('hashed known hosts are understood', async () => {
  copyFileSync(knownHosts, file('hashed'))
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file('hashed')], { stdio: 'ignore' })
  expect(readFileSync(file('hashed'), 'utf8')).not.toContain('127.0.0.1')
  const { code } = await withConnection({ knownHostsFile: file('hashed') }, (connection) =>
    connection.run(sh`true`),
  )
  expect(code).toBe(0)
})

test.each(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'])(
  'a host that is known by its %s key alone is recognized',
  async (type) => {
    const own = readFileSync(knownHosts, 'utf8')
      .split('\n')
      .filter((line) => line.includes(` ${type} `))
    writeFileSync(file(type), `${own.join('\n')}\n`)
    const { code } = await withConnection({ knownHostsFile: file(type) }, (connection) =>
      connection.run(sh`true`),
    )
    expect(code).toBe(0)
  },
)

test('a key that the host does not know: the user and the key are named', async () => {
  const error = await refusal({ identityFile: file('stranger') })
  expect(error).toMatchObject({ reason: 'authentication', exitCode: 4 })
  expect(error.message).toContain(`does not let deploy in; tried ${file('stranger')}`)
})

test('where nothing listens, the connection is refused at once', async () => {
  const started = performance.now()
  expect(await refusal({ port: 1 })).toMatchObject({ reason: 'refused', exitCode: 4 })
  expect(performance.now() - started).toBeLessThan(1000)
})

test('a secret that a command reads is in no argument and no environment, there or here', async () => {
  const word = 'correct-horse-battery-staple'
  const encoded = Buffer.from(word).toString('base64')
  const look = `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '`
  const script = lines(sh`{ sleep 1; ${raw(look)}; cat > /dev/null; }${feed(new Secret(word))}`)
  await withConnection({}, async (connection) => {
    const running = connection.run(script)
    const here = execFileSync('ps', ['-A', '-ww', '-o', 'args'], { encoding: 'utf8' })
    const there = (await running).stdout
    expect(there).toContain('/bin/sh /dev/fd/3')
    for (const seen of [word, encoded, encoded.slice(0, 16)]) {
      expect(there).not.toContain(seen)
      expect(here).not.toContain(seen)
    }
  })
})

test('a script that takes too long is killed on the host, with its children', async () => {
  const mark = `61.${process.pid}`
  const connection = await openConnection(edge)
  const late = connection.run(sh`sh -c 'sleep ${raw(mark)}; :'; :`, { timeoutSeconds: 1 })
  await expect(late).rejects.toBeInstanceOf(TimeoutError)
  const count = `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'sleep 6[1].${process.pid}'`
  const { stdout } = await withConnection({}, (again) => again.run(raw(count)))
  expect(stdout.trim()).toBe('0')
  // Nor does the sudo above it stay behind, stopped for good.
  await expect
    .poll(async () => (await withConnection({}, (again) => again.run(raw(stopped)))).stdout.trim())
    .toBe('0')
})

const stopped = `cat /proc/[0-9]*/status 2>/dev/null | grep -c '^State:.*stopped' || :`

test('when sshd dies in the middle of a script, the connection is lost, and says so', async () => {
  const connection = await openConnection(edge)
  // Up from this script to the sshd process that serves it, and no other.
  const script = raw(`p=$$
until grep -q '^sshd' /proc/$p/comm; do p=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$p/status); done
kill -KILL "$p"; sleep 30`)
  const error = await connection.run(script).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error).toMatchObject({ reason: 'lost', host: 'edge-1', exitCode: 4 })
  expect(String(error)).toContain('lost the connection while running "p=$$"')
  await expect(connection.run(sh`true`)).rejects.toBe(error)
  await connection.close()
})
