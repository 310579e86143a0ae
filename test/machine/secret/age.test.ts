import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Encrypter } from 'age-encryption'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { newKey, recipientOf } from '../../../lib/secret/age/crypt.ts'
import { defaultKeyFile, loadKeys } from '../../../lib/secret/age/key.ts'
import { readRecipients } from '../../../lib/secret/age/recipients.ts'
import { Vault } from '../../../lib/secret/age/vault.ts'
import { writeEncrypted } from '../../../lib/secret/age/write.ts'
import { Secret } from '../../../lib/secret/index.ts'
import * as files from '../../unit/secret/age-files.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quayside-age-'))
  vi.stubEnv('XDG_CONFIG_HOME', join(dir, 'config'))
  for (const name of ['KEY', 'KEY_FILE', 'KEY_COMMAND', 'PASSPHRASE']) vi.stubEnv(`QUAYSIDE_AGE_${name}`, '')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(dir, { recursive: true })
})

async function put(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(dir, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
  await chmod(path, mode)
  return path
}
const complaint = (promise: Promise<unknown>): Promise<{ message: string; hint: string }> =>
  promise.then(
    () => ({ message: 'no complaint', hint: '' }),
    (error) => ({
      message: String(error.message).replaceAll(`${dir}/`, ''),
      hint: String(error.hint).replaceAll(`${dir}/`, ''),
    }),
  )
const vault = () => new Vault(dir, (path) => path.replace(`${dir}/`, ''))

describe('what the age command made', () => {
  test.each([
    ['armored', files.armored],
    ['armored, with CRLF and blank lines around', `\n${files.armored.replaceAll('\n', '\r\n')}\n`],
    ['binary', files.binary],
  ])('%s', async (_kind, content) => {
    vi.stubEnv('QUAYSIDE_AGE_KEY', files.identity)
    const opened = await vault().open(await put('s.yaml.age', content))
    expect(opened).toEqual({ text: files.plain, recipients: undefined, kinds: ['X25519'] })
  })

  test('with a passphrase', async () => {
    const path = await put('s.yaml.age', files.withPassphrase)
    expect(await complaint(vault().open(path))).toEqual({
      message: 's.yaml.age is encrypted with a passphrase, and there is no terminal to ask for it',
      hint: 'export QUAYSIDE_AGE_PASSPHRASE=…',
    })
    vi.stubEnv('QUAYSIDE_AGE_PASSPHRASE', files.passphrase)
    expect((await vault().open(path)).text).toBe(files.plain)
    const quick = new Encrypter()
    quick.setPassphrase('right')
    quick.setScryptWorkFactor(8)
    await put('s.yaml.age', await quick.encrypt('a: b\n'))
    expect((await complaint(vault().open(path))).message).toBe('the passphrase does not open s.yaml.age')
  }, 60_000)

  test('to an SSH key alone', async () => {
    vi.stubEnv('QUAYSIDE_AGE_KEY', files.identity)
    const { message, hint } = await complaint(vault().open(await put('s.yaml.age', files.toSshKey)))
    expect(message).toBe('s.yaml.age is encrypted to SSH keys alone, which are not supported here')
    expect(hint).toContain('age -d -i ~/.ssh/id_ed25519 s.yaml.age')
  })

  test.each([
    ['plain text', 'token: hunter2', 's.yaml.age is not encrypted'],
    ['cut short', files.armored.slice(0, 200), 's.yaml.age is damaged: invalid footer'],
    ['changed', files.armored.replace('SIX', 'XIS').replace('YIV', 'YIW'), /^s.yaml.age is damaged: /],
  ])('%s', async (_kind, content, message) => {
    vi.stubEnv('QUAYSIDE_AGE_KEY', files.identity)
    const told = await complaint(vault().open(await put('s.yaml.age', content)))
    expect(told.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
    expect(told.message).not.toContain('hunter2')
  })
})

describe('the key', () => {
  const revealed = async () => (await loadKeys())?.identities.map((key) => key.reveal())

  test('from the default file, a named file, a command, the environment: the nearest wins', async () => {
    expect(await loadKeys()).toBeUndefined()
    const keys = await Promise.all([1, 2, 3, 4].map(() => newKey()))
    const [inDefault, inFile, inCommand, inEnvironment] = keys.map((key) => key.identity)
    await put('config/quayside/age.txt', `# created: today\n\n${inDefault}\n`)
    expect(await revealed()).toEqual([inDefault])
    vi.stubEnv('QUAYSIDE_AGE_KEY_FILE', await put('key', `${inFile}\n${inDefault}`))
    expect(await revealed()).toEqual([inFile, inDefault])
    vi.stubEnv('QUAYSIDE_AGE_KEY_COMMAND', `cat '${await put('by command', inCommand ?? '')}' | cat`)
    expect(await revealed()).toEqual([inCommand])
    vi.stubEnv('QUAYSIDE_AGE_KEY', inEnvironment)
    expect(await revealed()).toEqual([inEnvironment])
  })

  test('is a Secret from the moment it is read', async () => {
    vi.stubEnv('QUAYSIDE_AGE_KEY', files.identity)
    expect(JSON.stringify(await loadKeys())).not.toContain('AGE-SECRET-KEY')
  })

  test('a key file that is itself encrypted, as age -p leaves it', async () => {
    vi.stubEnv('QUAYSIDE_AGE_KEY_FILE', await put('key', files.lockedKeyFile))
    expect((await complaint(loadKeys())).message).toBe(
      'key is encrypted with a passphrase, and there is no terminal to ask for it',
    )
    vi.stubEnv('QUAYSIDE_AGE_PASSPHRASE', files.passphrase)
    expect(await revealed()).toEqual([files.identity])
  }, 60_000)

  test.each([0o640, 0o644, 0o604])('a file of mode %o is refused', async (mode) => {
    vi.stubEnv('QUAYSIDE_AGE_KEY_FILE', await put('key', files.identity, mode))
    expect(await complaint(loadKeys())).toEqual({
      message: 'others can read the key file key',
      hint: 'chmod 600 key',
    })
  })

  test.each([
    ['', 'key holds no key'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n', 'key holds an SSH key, which is not supported here'],
    ['AGE-PLUGIN-YUBIKEY-1QQQ', 'key holds the key of an age plugin, which is not supported here'],
    ['hunter2', 'key holds something else than keys of age'],
  ])('%j is refused, and never repeated', async (content, message) => {
    vi.stubEnv('QUAYSIDE_AGE_KEY_FILE', await put('key', content))
    const told = await complaint(loadKeys())
    expect(told.message).toBe(message)
    expect(told.hint).not.toContain('hunter2')
  })

  test('a file that is named and missing, a command that fails or says nothing', async () => {
    vi.stubEnv('QUAYSIDE_AGE_KEY_FILE', join(dir, 'none'))
    expect((await complaint(loadKeys())).message).toBe('none does not exist')
    vi.stubEnv('QUAYSIDE_AGE_KEY_COMMAND', 'echo the store is locked >&2; echo hunter2; exit 3')
    const told = await complaint(loadKeys())
    expect(told.message).toBe('QUAYSIDE_AGE_KEY_COMMAND: it failed with exit code 3: the store is locked')
    vi.stubEnv('QUAYSIDE_AGE_KEY_COMMAND', 'true')
    expect((await complaint(loadKeys())).message).toBe('QUAYSIDE_AGE_KEY_COMMAND: it printed nothing')
  })

  test('a mistyped key is no key', async () => {
    vi.stubEnv('QUAYSIDE_AGE_KEY', files.identity.replace('6KHVQ', '6KHVZ'))
    const told = await complaint(vault().open(await put('s.yaml.age', files.armored)))
    expect(told.message).toBe('the private key is damaged: its checksum is wrong')
  })
})

describe('no key, or another one: the error names who could and what to set', () => {
  test('no key at all', async () => {
    await put('recipients.txt', `${files.recipient} # alice`)
    const told = await complaint(vault().open(await put('s.yaml.age', files.armored)))
    expect(told.message).toBe(
      's.yaml.age is encrypted, and you have no key; those who can open it: age1nt0a09pxkyd…y5c2 (alice)'.replace(
        'age1nt0a09pxkyd…',
        `${files.recipient.slice(0, 14)}…`,
      ),
    )
    expect(told.hint).toBe(
      'put your key into config/quayside/age.txt (mode 600), or set QUAYSIDE_AGE_KEY_FILE, QUAYSIDE_AGE_KEY_COMMAND (a command that prints it) or QUAYSIDE_AGE_KEY',
    )
    expect(defaultKeyFile()).toBe(join(dir, 'config/quayside/age.txt'))
  })

  test('another key, listed or not', async () => {
    const { identity, recipient } = await newKey()
    const path = await put('s.yaml.age', files.armored)
    await put('recipients.txt', `${files.recipient} # alice`)
    vi.stubEnv('QUAYSIDE_AGE_KEY', identity)
    const told = await complaint(vault().open(path))
    expect(told.message).toBe(
      `your key ${recipient.slice(0, 14)}…${recipient.slice(-4)} from QUAYSIDE_AGE_KEY does not open s.yaml.age; those who can open it: ${files.recipient.slice(0, 14)}…${files.recipient.slice(-4)} (alice)`,
    )
    expect(told.hint).toContain('have one of them add yours to recipients.txt')
    await put('recipients.txt', `${files.recipient} # alice\n${recipient} # me`)
    expect((await complaint(vault().open(path))).hint).toBe(
      'your key is in recipients.txt, but the file was not encrypted to it: one who can open it runs secrets.ts rekey',
    )
  })

  test('one vault asks for the key once', async () => {
    const path = await put('s.yaml.age', files.armored)
    vi.stubEnv('QUAYSIDE_AGE_KEY_COMMAND', `echo asked >> ${dir}/count; echo ${files.identity}`)
    const one = vault()
    await Promise.all([one.open(path), one.open(path)])
    await one.open(path)
    expect(await readFile(join(dir, 'count'), 'utf8')).toBe('asked\n')
  })
})

describe('recipients.txt', () => {
  test('a key a line, whose it is behind it or on the line above', async () => {
    const [one, two, three] = await Promise.all([newKey(), newKey(), newKey()])
    const text = `# the team\n\n${one.recipient} # alice\r\n# bob\n${two.recipient}\n${three.recipient}\n${one.recipient}\n`
    expect(await readRecipients(await put('r', text))).toEqual([
      { key: one.recipient, who: 'alice' },
      { key: two.recipient, who: 'bob' },
      { key: three.recipient, who: undefined },
    ])
    expect(await readRecipients(join(dir, 'none'))).toEqual([])
  })
  test.each([
    ['ssh-ed25519 AAAAC3 me@host', 'r:1: an SSH key cannot be a recipient here'],
    [files.identity, 'r:1: this is a private key, and must never stand here'],
    ['age1yubikey1qwerty', 'r:1: no recipient that is known here (plugin yubikey?)'],
    [`\n${files.recipient}x`, 'r:2: not the public key of age'],
    ['alice', 'r:1: not the public key of age'],
  ])('%s', async (text, message) => {
    const told = await complaint(readRecipients(await put('r', text)))
    expect(told.message).toBe(message)
    expect(told.message + told.hint).not.toContain('AGE-SECRET-KEY-1')
  })
})

describe('writing', () => {
  test('armored, to all recipients, whose names only those who can open it learn', async () => {
    const [alice, bob] = await Promise.all([newKey(), newKey()])
    const path = join(dir, 'group_vars/db.yaml.age')
    await writeEncrypted(path, 'a: b\n', [alice.recipient, bob.recipient])
    const sealed = await readFile(path, 'utf8')
    expect(sealed).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/)
    expect(sealed).not.toContain('age1')
    for (const { identity } of [alice, bob]) {
      vi.stubEnv('QUAYSIDE_AGE_KEY', identity)
      expect(await vault().open(path)).toEqual({
        text: 'a: b\n',
        recipients: [alice.recipient, bob.recipient],
        kinds: ['X25519', 'X25519'],
      })
    }
    expect(await readdir(join(dir, 'group_vars'))).toEqual(['db.yaml.age'])
    expect(await recipientOf(new Secret(alice.identity))).toBe(alice.recipient)
  })

  test('what cannot be encrypted leaves the old file, and no draft', async () => {
    const path = await put('s.yaml.age', files.armored)
    await expect(writeEncrypted(path, 'a: b\n', ['age1nobody'])).rejects.toThrow()
    expect(await readFile(path, 'utf8')).toBe(files.armored)
    expect(await readdir(dir)).toEqual(['s.yaml.age'])
  })
})
