import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { SecretError } from '../error.ts'
import { fromCommand } from '../read.ts'
import { Secret } from '../secret.ts'
import { isAge } from './format.ts'
import { passphraseFor } from './passphrase.ts'

/** The private keys of the person who runs this. */
export interface Keys {
  /** where they are from: "QUAYSIDE_AGE_KEY", or a path */
  readonly origin: string
  /** "AGE-SECRET-KEY-1…" each */
  readonly identities: readonly Secret[]
}

/** Where a key is looked for when the environment says nothing: `${XDG_CONFIG_HOME:-~/.config}/quayside/age.txt`. */
export function defaultKeyFile(): string {
  const given = process.env.XDG_CONFIG_HOME
  const base = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.config')
  return join(base, 'quayside', 'age.txt')
}

/**
 * The keys from the first place that there is: QUAYSIDE_AGE_KEY (the key itself), QUAYSIDE_AGE_KEY_COMMAND (a
 * command that prints it), QUAYSIDE_AGE_KEY_FILE, the default file. Undefined when there is none of them.
 */
export async function loadKeys(): Promise<Keys | undefined> {
  const { QUAYSIDE_AGE_KEY: key, QUAYSIDE_AGE_KEY_COMMAND: command } = process.env
  if (key) return parsed(key, 'QUAYSIDE_AGE_KEY')
  if (command) {
    // The person's own words for their own shell, as with EDITOR.
    const text = await fromCommand(['sh', '-c', command], process.cwd()).catch((error: unknown) => {
      if (!(error instanceof SecretError)) throw error
      const why = error.message.replace(/^sh /, 'it ')
      throw new SecretError(`QUAYSIDE_AGE_KEY_COMMAND: ${why}`, 'run that command by hand to see why')
    })
    return parsed(text, 'QUAYSIDE_AGE_KEY_COMMAND')
  }
  const named = process.env.QUAYSIDE_AGE_KEY_FILE
  const path = named || defaultKeyFile()
  const keys = await keysIn(path)
  if (keys === undefined && named) {
    const hint = 'set QUAYSIDE_AGE_KEY_FILE to the file that `secrets.ts keygen` or age-keygen made'
    throw new SecretError(`${path} does not exist`, hint)
  }
  return keys
}

/** The keys in a file, which must be its owner's alone to read; undefined when there is no such file. */
export async function keysIn(path: string): Promise<Keys | undefined> {
  const bytes = await readPrivate(path)
  if (bytes === undefined) return undefined
  return parsed(isAge(bytes) ? await opened(bytes, path) : bytes.toString('utf8'), path)
}

/** What to type so that there is a key. */
export function howToSet(): string {
  return (
    `put your key into ${defaultKeyFile()} (mode 600), or set QUAYSIDE_AGE_KEY_FILE, ` +
    'QUAYSIDE_AGE_KEY_COMMAND (a command that prints it) or QUAYSIDE_AGE_KEY'
  )
}

async function readPrivate(path: string): Promise<Buffer | undefined> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0)
      throw new SecretError(`others can read the key file ${path}`, `chmod 600 ${path}`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof SecretError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return undefined
    throw new SecretError(`the key file ${path} cannot be read (${String(code)})`, `ls -l ${path}`, error)
  }
}

/** A key file that is itself encrypted with a passphrase, as `age -p` leaves it. */
async function opened(bytes: Uint8Array, path: string): Promise<string> {
  const { decryptWith } = await import('./crypt.ts')
  const passphrase = await passphraseFor(path)
  const text = await decryptWith(bytes, { passphrase, identities: [] }).catch(() => undefined)
  if (text === undefined) throw new SecretError(`the passphrase does not open ${path}`, 'try again')
  return text
}

function parsed(text: string, origin: string): Keys {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const words = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const bad = words.find((word) => !/^AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]+$/i.test(word))
  if (bad !== undefined) {
    const kind = /OPENSSH|RSA/.test(bad)
      ? 'an SSH key, which is not supported here'
      : /^AGE-PLUGIN-/i.test(bad)
        ? 'the key of an age plugin, which is not supported here'
        : 'something else than keys of age'
    throw new SecretError(`${origin} holds ${kind}`, 'it takes lines of the form AGE-SECRET-KEY-1…')
  }
  if (words.length === 0) throw new SecretError(`${origin} holds no key`, 'it takes a line AGE-SECRET-KEY-1…')
  return { origin, identities: words.map((word) => new Secret(word.toUpperCase())) }
}
