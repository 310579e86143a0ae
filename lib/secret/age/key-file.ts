import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { newKey } from './crypt.ts'

/** Makes a key pair in a new file of its owner's alone, written as age-keygen does; returns the public key. */
export async function writeNewKey(path: string): Promise<string> {
  const { identity, recipient } = await newKey()
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const made = new Date().toISOString()
  await writeFile(path, `# created: ${made}\n# public key: ${recipient}\n${identity}\n`, {
    mode: 0o600,
    flag: 'wx',
  })
  return recipient
}
