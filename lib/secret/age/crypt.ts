import { messageOf } from '../../error.ts'
import { SecretError } from '../error.ts'
import type { Secret } from '../secret.ts'
import { recipientKinds, unarmored } from './format.ts'

/** What opens a file: private keys, or the passphrase that it was encrypted with. */
export interface Opener {
  readonly identities: readonly Secret[]
  readonly passphrase?: Secret
}

/** Thrown when a file is sound, and none of the keys is one that it was encrypted to. */
export class NoKeyMatches extends Error {}

/** The text of a file of age, armored or binary. Throws NoKeyMatches, or an Error when the file is damaged. */
export async function decryptWith(bytes: Uint8Array, opener: Opener): Promise<string> {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const identity of opener.identities) {
    try {
      decrypter.addIdentity(identity.reveal())
    } catch {
      throw new SecretError('the private key is damaged: its checksum is wrong', 'copy it again, whole')
    }
  }
  if (opener.passphrase !== undefined) decrypter.addPassphrase(opener.passphrase.reveal())
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await decrypter.decrypt(await unarmored(bytes)))
  } catch (error) {
    if (/no identity matched/.test(messageOf(error))) throw new NoKeyMatches()
    throw error
  }
}

/** The text encrypted to all these recipients ("age1…"), armored. */
export async function encryptTo(text: string, recipients: readonly string[]): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(text))
}

/** A new private key, and the public key that belongs to it. */
export async function newKey(): Promise<{ identity: string; recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption')
  const identity = await generateX25519Identity()
  return { identity, recipient: await identityToRecipient(identity) }
}

/** The public key of a private one. */
export async function recipientOf(identity: Secret): Promise<string> {
  const { identityToRecipient } = await import('age-encryption')
  return identityToRecipient(identity.reveal())
}

/** Whether a file is encrypted with a passphrase. */
export async function takesPassphrase(bytes: Uint8Array): Promise<boolean> {
  return recipientKinds(await unarmored(bytes)).includes('scrypt')
}
