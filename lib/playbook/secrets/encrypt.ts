import { existsSync } from 'node:fs'
import { open, readFile, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { UsageError } from '../../error.ts'
import { shownPath } from '../../inventory/fault.ts'
import { encryptTo } from '../../secret/age/crypt.ts'
import { noted } from '../../secret/age/vault.ts'
import { writeEncrypted } from '../../secret/age/write.ts'
import { validate } from './edit.ts'
import { fileIn, type Place, recipientsOf, toWhom } from './place.ts'

/** Encrypts standard input to standard output, as `age` would, to the environment's recipients. */
export async function encryptInput(place: Place, out: (text: string) => void): Promise<void> {
  const recipients = (await recipientsOf(place)).map(({ key }) => key)
  if (process.stdin.isTTY)
    throw new UsageError('encrypt what?', 'give a FILE, or pipe one in: … < plain.yaml')
  const plain = await text(process.stdin)
  validate('standard input', plain)
  out(await encryptTo(noted(plain, recipients), recipients))
}

/** Puts FILE.age in the place of FILE; the plain text goes once it was read back from the encrypted one. */
export async function encryptFile(place: Place, given: string, print: (line: string) => void): Promise<void> {
  if (given.endsWith('.age'))
    throw new UsageError(`${given} is encrypted already`, 'to encrypt it anew: secrets.ts rekey')
  const target = fileIn(place.dir, `${given}.age`)
  const path = existsSync(resolve(given)) ? resolve(given) : target.replace(/\.age$/, '')
  if (!existsSync(path)) throw new UsageError(`${shownPath(path)} does not exist`)
  if (existsSync(target))
    throw new UsageError(`${shownPath(target)} is there already`, 'put both together: secrets.ts edit')
  const recipients = await recipientsOf(place)
  const plain = await readFile(path, 'utf8')
  validate(path, plain)
  await writeEncrypted(
    target,
    plain,
    recipients.map(({ key }) => key),
  )
  print(`${shownPath(target)}: ${toWhom(recipients)}`)
  const back = await place.vault.open(target).then(
    (opened) => opened.text,
    () => undefined,
  )
  if (back !== plain) {
    print(`you cannot open it yourself, so ${shownPath(path)} stays: remove it when another has opened it`)
    return
  }
  await shred(path)
  print(
    `${shownPath(path)} is removed; if it was ever committed, its values are in git's history: change them`,
  )
}

async function shred(path: string): Promise<void> {
  const { size } = await stat(path)
  const file = await open(path, 'r+')
  try {
    await file.write(Buffer.alloc(size))
    await file.sync()
  } finally {
    await file.close()
  }
  await rm(path)
}
