import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Target } from '../../../lib/connection/connection.ts'
import { Connector } from '../../../lib/connection/index.ts'
import { targetLike } from '../../target.ts'
import { keysIn } from './keys.ts'
import { temporaryFolder } from './shells.ts'
import { type Sshd, startSshd } from './sshd.ts'

const folder = temporaryFolder()
const { file, make, parsed, known } = keysIn(folder.path)
let one: Sshd
let other: Sshd

beforeAll(async () => {
  for (const name of ['one', 'other', 'user']) make(name)
  one = await startSshd({ hostKeys: [file('one')], admits: parsed('user') })
  other = await startSshd({ hostKeys: [file('other')], admits: parsed('user') })
})
afterAll(async () => {
  await Promise.all([one.close(), other.close()])
  folder.remove()
})

const remote = (name: string, port: number, values: Partial<Target> = {}) =>
  targetLike({ name, connection: 'ssh', port, user: 'deploy', identityFile: file('user'), ...values })

test('new keys of several hosts at once are added, each once, privately, and said with their fingerprint', async () => {
  const knownHostsFile = file('new/known_hosts')
  const said: string[] = []
  const connector = new Connector({
    acceptNewHostKeys: true,
    say: (text, host) => said.push(`${host}: ${text}`),
  })
  const targets = [one, other, one, one].map(({ port }, index) =>
    remote(`web-${index}`, port, { knownHostsFile }),
  )
  for (const connection of await Promise.all(targets.map((target) => connector.open(target))))
    await connection.close()
  const added = readFileSync(knownHostsFile, 'utf8').trimEnd().split('\n').sort()
  expect(added).toEqual(
    [known('one', one.port), known('other', other.port)].map((line) => line.trim()).sort(),
  )
  expect(statSync(knownHostsFile).mode & 0o777).toBe(0o600)
  expect(said).toHaveLength(2)
  expect(said.join()).toMatch(
    /web-\d: accepted the new host key of \[127\.0\.0\.1\]:\d+: ssh-ed25519 SHA256:/,
  )
  await (await new Connector().open(targets[0] ?? remote('', 0))).close()
})

test('a changed key is never accepted, and the file stays as it is', async () => {
  const knownHostsFile = file('changed')
  writeFileSync(knownHostsFile, known('other', one.port))
  const connector = new Connector({ acceptNewHostKeys: true })
  await expect(connector.open(remote('web-1', one.port, { knownHostsFile }))).rejects.toMatchObject({
    reason: 'host-key',
    message: expect.stringContaining('has changed'),
  })
  expect(readFileSync(knownHostsFile, 'utf8')).toBe(known('other', one.port))
})

test('without the flag no key is accepted', async () => {
  const open = new Connector().open(remote('web-1', one.port, { knownHostsFile: file('none') }))
  await expect(open).rejects.toMatchObject({ reason: 'host-key' })
  expect(() => statSync(file('none'))).toThrow()
})
