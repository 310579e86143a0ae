import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../../lib/connection/index.ts'
import { openConnection } from '../../../lib/connection/index.ts'
import { openLocal } from '../../../lib/connection/local.ts'
import { feed, sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { targetLike } from '../../target.ts'
import { keysIn } from './keys.ts'
import { alive, shells, temporaryFolder } from './shells.ts'
import { type Sshd, startSshd } from './sshd.ts'

const folder = temporaryFolder()
const keys = keysIn(folder.path)
let sshd: Sshd

beforeAll(async () => {
  keys.make('host', 'ed25519')
  keys.make('user', 'ed25519')
  sshd = await startSshd({ hostKeys: [keys.file('host')], admits: keys.parsed('user') })
  writeFileSync(keys.file('known'), keys.known('host', sshd.port))
})
afterAll(async () => {
  await sshd.close()
  folder.remove()
})

const ways: readonly { name: string; open: () => Promise<Connection> }[] = [
  ...shells(folder.path).map(({ name, program }) => ({
    name: `this machine's ${name}`,
    open: () => openLocal(targetLike(), { program }),
  })),
  {
    name: 'ssh',
    open: () =>
      openConnection(
        targetLike({
          connection: 'ssh',
          port: sshd.port,
          user: 'deploy',
          identityFile: keys.file('user'),
          knownHostsFile: keys.file('known'),
        }),
      ),
  },
]

const title = 'the test'

describe.each(ways)('by $name', ({ open }) => {
  let host: Connection
  beforeAll(async () => {
    host = await open()
  })
  afterAll(() => host.close())

  test('what is written comes back as it was, megabytes of it, beside the shell', async () => {
    const sent = randomBytes(8 << 20)
    const running = await host.start(sh`cat`, { title })
    const [, back, said] = await Promise.all([
      pipeline(Readable.from([sent]), running.stdin),
      buffer(running.output()),
      host.run(sh`echo meanwhile`),
    ])
    expect(createHash('sha256').update(back).digest('hex')).toBe(
      createHash('sha256').update(sent).digest('hex'),
    )
    expect(said.stdout).toBe('meanwhile\n')
    expect(await running.ended).toEqual({ code: 0, stderr: '' })
  })

  test('a script that reads nothing, fails and says why: its output never looks whole', async () => {
    const running = await host.start(sh`echo half; echo 'disk full' >&2; exit 3`, { title })
    await expect(text(running.output())).rejects.toThrow('the test failed with code 3: disk full')
    expect(await running.ended).toEqual({ code: 3, stderr: 'disk full\n' })
  })

  test('what a script is fed as a secret is in no argument, and its own input follows', async () => {
    const secret = new Secret('correct horse battery')
    const running = await host.start(
      sh`key=$(base64 -d ${feed(secret)}); tr '\\0' ' ' </proc/$$/cmdline; echo "\${#key}"; cat`,
      { title },
    )
    running.stdin.end('more\n')
    const said = await text(running.output())
    expect(said).toMatch(/21\nmore\n$/)
    expect(said).not.toContain('horse')
  })

  test('killed with all that it started; told to by a signal, too', async () => {
    const running = await host.start(sh`sleep 300 & echo $$ $!; wait`, { title })
    const pids = await firstLine(running.stdout)
    await running.kill()
    await expect(running.ended).rejects.toThrow('the test')
    await gone(pids)

    const stop = new AbortController()
    const other = await host.start(sh`sleep 300 & echo $$ $!; wait`, { title, signal: stop.signal })
    const others = await firstLine(other.stdout)
    stop.abort(new Error('enough'))
    await expect(other.ended).rejects.toMatchObject({ reason: 'interrupted' })
    await gone(others)
    expect((await host.run(sh`echo well`)).stdout).toBe('well\n')
  })
})

test('a connection that is closed leaves nothing running', async () => {
  const host = await openLocal(targetLike())
  const running = await host.start(sh`sleep 300 & echo $$ $!; wait`, { title })
  const pids = await firstLine(running.stdout)
  await host.close()
  await gone(pids)
})

test('a connection that is cut: what was printed so far is no whole', async () => {
  const host = await ways[ways.length - 1]?.open()
  const running = await host?.start(sh`echo half; exec sleep 5`, { title })
  const read = text(running?.output() ?? Readable.from([]))
  sshd.cut()
  await expect(read).rejects.toMatchObject({ reason: 'lost' })
  await host?.close()
})

test('what could not be started says so', async () => {
  const host = await openLocal(targetLike())
  await host.close()
  await expect(host.start(sh`cat`, { title })).rejects.toMatchObject({ reason: 'closed' })
})

async function firstLine(stdout: Readable): Promise<string[]> {
  let said = ''
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    said += String(chunk)
    if (said.includes('\n')) break
  }
  return said.trim().split(' ')
}

async function gone(pids: readonly string[]): Promise<void> {
  expect(pids).toHaveLength(2)
  for (let tries = 0; pids.some(alive) && tries < 50; tries += 1) await sleep(100)
  expect(pids.filter(alive)).toEqual([])
}
