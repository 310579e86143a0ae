import { readFile } from 'node:fs/promises'
import { SecretError } from '../error.ts'

/** Who an environment's files are encrypted to. */
export interface Recipient {
  /** "age1…" */
  readonly key: string
  /** whose it is, as the comment behind it or on the line above says */
  readonly who: string | undefined
}

/**
 * The recipients of a file: a key a line, with `# who` behind it, or on the line above as the age command's -R wants
 * it. None when there is no such file. Throws a SecretError that names file and line.
 */
export async function readRecipients(path: string, shown = path): Promise<readonly Recipient[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new SecretError(
      `${shown} cannot be read (${error.code})`,
      'make it a file that you can read',
      error,
    )
  })
  const found: Recipient[] = []
  let above: string | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, given = '', comment] = /^\s*([^#]*?)\s*(?:#\s*(.*?)\s*)?$/.exec(line) ?? []
    if (given === '') {
      above = comment
      continue
    }
    const wrong = await whatIsWrong(given)
    if (wrong !== undefined) throw new SecretError(`${shown}:${index + 1}: ${wrong.message}`, wrong.hint)
    if (!found.some(({ key }) => key === given)) found.push({ key: given, who: comment ?? above })
    above = undefined
  }
  return found
}

/** "age1abc… (alice)" */
export function named({ key, who }: Recipient): string {
  const short = key.length > 20 ? `${key.slice(0, 14)}…${key.slice(-4)}` : key
  return who === undefined || who === '' ? short : `${short} (${who})`
}

async function whatIsWrong(key: string): Promise<{ message: string; hint: string } | undefined> {
  const keygen = 'npx zx playbooks/secrets.ts keygen makes one'
  if (/^ssh-/.test(key))
    return { message: 'an SSH key cannot be a recipient here', hint: `use an age key (age1…): ${keygen}` }
  if (/^AGE-SECRET-KEY-/i.test(key))
    return {
      message: 'this is a private key, and must never stand here',
      hint: 'put the public key here (age1…), and make a new pair if this file was ever committed',
    }
  const { Encrypter } = await import('age-encryption')
  try {
    new Encrypter().addRecipient(key)
    return undefined
  } catch {
    const plugin = /^age1([a-z0-9-]+)1/.exec(key)?.[1]
    const message = plugin
      ? `no recipient that is known here (plugin ${plugin}?)`
      : 'not the public key of age'
    return { message, hint: `it is one word that begins with age1; ${keygen}` }
  }
}
