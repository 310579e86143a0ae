import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Connector, openConnection } from '../../../lib/connection/index.ts'
import { endLeft } from '../../../lib/connection/left.ts'
import { raw, sh } from '../../../lib/script/index.ts'
import { targetLike } from '../../target.ts'
import { keysIn } from './keys.ts'
import { alive, temporaryFolder } from './shells.ts'
import { type Sshd, startSshd } from './sshd.ts'

const folder = temporaryFolder()
const { file, make, parsed, known } = keysIn(folder.path)
let sshd: Sshd
let said: string[]
let heard: (text: string) => void
let connector: Connector

beforeAll(async () => {
  make('host')
  make('user')
  sshd = await startSshd({ hostKeys: [file('host')], admits: parsed('user') })
  writeFileSync(file('known'), known('host', sshd.port))
})
beforeEach(() => {
  said = []
  heard = () => {}
  connector = new Connector({
    say: (text, host) => {
      said.push(`${host}: ${text}`)
      heard(text)
    },
  })
})
afterAll(async () => {
  await sshd.close()
  folder.remove()
})

const open = () =>
  connector.open(
    targetLike({
      name: 'web-1',
      connection: 'ssh',
      port: sshd.port,
      user: 'deploy',
      identityFile: file('user'),
      knownHostsFile: file('known'),
    }),
  )

/** Cuts the connection off once a script is at work, which goes on until it is let; gives its pid and the error. */
async function lose(name: string, timeoutSeconds: number): Promise<{ error: unknown; pid: string }> {
  const connection = await open()
  const [pid, go, done] = ['pid', 'go', 'done'].map((what) => file(`${name}-${what}`))
  const script = sh`echo $$ >${pid ?? ''}; until [ -e ${go ?? ''} ]; do sleep 0.05; done; echo done >${done ?? ''}`
  const running = connection.run(script, { timeoutSeconds }).catch((thrown: unknown) => thrown)
  await expect.poll(() => existsSync(pid ?? '') && readFileSync(pid ?? '', 'utf8')).toMatch(/\d\n/)
  sshd.cut()
  return { error: await running, pid: readFileSync(pid ?? '', 'utf8').trim() }
}

test('what a lost connection leaves running is named, and waited for before anything else is done there', async () => {
  const { error, pid } = await lose('long', 60)
  expect(error).toMatchObject({
    reason: 'lost',
    message: expect.stringMatching(
      /lost the connection while running "echo .*; it may run on there, below pid \d+$/,
    ),
  })
  expect(alive(pid)).toBe(true)
  heard = (text) => {
    if (text.includes('waiting')) writeFileSync(file('long-go'), '')
  }
  const again = await open()
  expect(readFileSync(file('long-done'), 'utf8')).toBe('done\n')
  const what = /"echo .*" \(below pid \d+\)/.source
  expect(said).toEqual([
    expect.stringMatching(
      `^web-1: the connection was lost in the middle of ${what}, which may run on there$`,
    ),
    expect.stringMatching(`^web-1: waiting for ${what}, for \\d+ s at most$`),
    expect.stringMatching(`^web-1: ${what} has ended by itself$`),
  ])
  // Once is enough.
  await again.close()
  await (await open()).close()
  expect(said).toHaveLength(3)
})

test('it gets the time that it had, and is then told to end', async () => {
  const { pid } = await lose('short', 1.2)
  await (await open()).close()
  expect(alive(pid)).toBe(false)
  expect(said.at(-1)).toMatch(/^web-1: its time was over: .* was told to end$/)
})

test('where its shell is gone, or another has its number by now, nothing is waited for or told to end', async () => {
  const other = spawn('sh', ['-c', 'sleep 60; :'])
  const here = await openConnection(targetLike())
  const say = (text: string) => said.push(text)
  for (const pid of [other.pid ?? 0, 2 ** 22 + 1])
    await endLeft(here, { pid, since: '1', title: 'x', until: 0 }, { say, signal: undefined })
  await here.close()
  expect(alive(String(other.pid))).toBe(true)
  other.kill('SIGKILL')
})

test('a script that could be ended is not said to run on', async () => {
  const connection = await open()
  const late = connection.run(raw('sleep 60'), { timeoutSeconds: 0.3 })
  await expect(late).rejects.toThrow(/^web-1: no end after 0.3 s of running "sleep 60"$/)
  expect(connection.left).toBeUndefined()
})
