import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { UsageError } from '../../error.ts'
import { defaultKeyFile } from '../../secret/age/key.ts'
import { writeNewKey } from '../../secret/age/key-file.ts'
import { userName } from '../../user-name.ts'

/** Makes a key pair as age-keygen does: the private key in a file of its owner's alone, the public one printed. */
export async function keygen(given: string | undefined, print: (line: string) => void): Promise<void> {
  const path = given === undefined ? process.env.QUAYSIDE_AGE_KEY_FILE || defaultKeyFile() : resolve(given)
  if (existsSync(path))
    throw new UsageError(
      `${path} is there already: a new key would lose what the old one opens`,
      `give another file: npx zx playbooks/secrets.ts keygen FILE`,
    )
  const recipient = await writeNewKey(path)
  print(`private key: ${path} (keep a copy where it cannot get lost)`)
  print('public key, for recipients.txt of an environment:')
  print(`# ${userName()}@${hostname()}`)
  print(recipient)
}
