import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { SecretError } from '../error.ts'
import { Secret } from '../secret.ts'

export const passphraseVariable = 'QUAYSIDE_AGE_PASSPHRASE'

/** A passphrase from the environment, or from the person at the terminal; throws a SecretError where there is neither. */
export async function passphraseFor(what: string): Promise<Secret> {
  const given = process.env[passphraseVariable]
  if (given !== undefined && given !== '') return new Secret(given)
  if (process.stdin.isTTY && process.stderr.isTTY) return new Secret(await ask(`passphrase of ${what}: `))
  throw new SecretError(
    `${what} is encrypted with a passphrase, and there is no terminal to ask for it`,
    `export ${passphraseVariable}=…`,
  )
}

/** Asks without showing what is typed. */
async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
