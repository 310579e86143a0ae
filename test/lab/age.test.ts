import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newKey } from '../../lib/secret/age/crypt.ts'
import { Vault } from '../../lib/secret/age/vault.ts'
import { writeEncrypted } from '../../lib/secret/age/write.ts'

const dir = mkdtempSync(join(tmpdir(), 'quayside-age-'))
const at = (name: string) => join(dir, name)
const age = (...words: string[]) => execFileSync('age', words, { cwd: dir, encoding: 'utf8' })
const text = 'token: hunter2-swordfish\npem: |\n  one\n  wörd\n'

beforeAll(() => {
  if (spawnSync('age', ['--version']).status === 0) return
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'age'], { stdio: 'inherit', env })
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

test('what Quayside encrypts, the age command opens with a key of either kind', async () => {
  const ours = await newKey()
  writeFileSync(at('ours.txt'), `${ours.identity}\n`, { mode: 0o600 })
  execFileSync('age-keygen', ['-o', at('theirs.txt')], { stdio: 'ignore' })
  const theirs = execFileSync('age-keygen', ['-y', at('theirs.txt')], { encoding: 'utf8' }).trim()
  expect(execFileSync('age-keygen', ['-y', at('ours.txt')], { encoding: 'utf8' }).trim()).toBe(ours.recipient)
  await writeEncrypted(at('s.yaml.age'), text, [ours.recipient, theirs])
  for (const key of ['ours.txt', 'theirs.txt'])
    expect(age('-d', '-i', at(key), at('s.yaml.age'))).toBe(
      `# encrypted to: ${ours.recipient} ${theirs}\n${text}`,
    )
})

test('what the age command encrypts, to the same recipients.txt, Quayside opens', async () => {
  const ours = await newKey()
  writeFileSync(at('recipients.txt'), `# me\n${ours.recipient}\n`)
  writeFileSync(at('plain.yaml'), text)
  vi.stubEnv('QUAYSIDE_AGE_KEY', ours.identity)
  for (const armor of [['-a'], []]) {
    age(...armor, '-R', at('recipients.txt'), '-o', at('made.yaml.age'), at('plain.yaml'))
    expect((await new Vault(dir).open(at('made.yaml.age'))).text).toBe(text)
  }
  expect(readFileSync(at('made.yaml.age')).includes('hunter2')).toBe(false)
  expect(await new Vault(dir).recipients()).toEqual([{ key: ours.recipient, who: 'me' }])
})
