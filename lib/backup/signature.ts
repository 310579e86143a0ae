import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { exit, QuaysideError } from '../error.ts'
import type { Secret } from '../secret/index.ts'

/** What is signed: one can never be passed off as the other. */
export type SignedKind = 'manifest' | 'evidence' | 'part' | 'base'

/** A document and who vouches for it: as it stands in the store. */
export interface Signed {
  readonly payload: unknown
  /** Ed25519, in base64, over a label and the payload's canonical JSON */
  readonly signature: string
  /** the 32 bytes of the public key, in base64: tells "another key" from "altered" */
  readonly publicKey: string
}

/** A signature that does not hold. */
export class SignatureError extends QuaysideError {
  readonly reason: 'form' | 'altered' | 'other-key'

  constructor(reason: SignatureError['reason'], message: string, hint: string) {
    super(message, { hint })
    this.reason = reason
  }
}

/** fewest characters of a signing secret */
export const leastSecret = 16

// RFC 8410: what stands before a seed in PKCS #8, and before a public key in SubjectPublicKeyInfo.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const spki = Buffer.from('302a300506032b6570032100', 'hex')

/** Vouches for a document by the environment's signing secret. Throws (exit code 2) for one that is too short. */
export function signed(kind: SignedKind, payload: unknown, key: Secret): Signed {
  const privateKey = privateOf(key)
  return {
    payload,
    signature: sign(null, bytesOf(kind, payload), privateKey).toString('base64'),
    publicKey: publicOf(privateKey).toString('base64'),
  }
}

/** The public key of a signing secret, in base64. Throws (exit code 2) for a secret that is too short. */
export function publicKeyOf(key: Secret): string {
  return publicOf(privateOf(key)).toString('base64')
}

/**
 * The payload of a document that is as it was when it was signed. Without the secret that alone is known, and not by
 * whom: whoever can write to the store could have signed anew. Throws a SignatureError.
 */
export function verified(kind: SignedKind, document: unknown, key: Secret | undefined): unknown {
  if (!isSigned(document))
    throw new SignatureError(
      'form',
      `it is no signed ${kind}: payload, signature and publicKey are not all there`,
      'it was written by something else, or damaged',
    )
  const { payload, signature, publicKey } = document
  const given = Buffer.from(publicKey, 'base64')
  const known = key === undefined ? given : publicOf(privateOf(key))
  if (!known.equals(given))
    throw new SignatureError(
      'other-key',
      `the ${kind} is signed with another key than backup_signing_key`,
      'was backup_signing_key changed since? with the earlier one it can be read; if it never was, somebody else wrote this',
    )
  if (!holds(kind, payload, signature, known))
    throw new SignatureError(
      'altered',
      `the ${kind} is not as it was signed: it was altered or damaged in the store`,
      'do not trust it: take another backup, or its copy in backup_copy_store',
    )
  return payload
}

function holds(kind: SignedKind, payload: unknown, signature: string, publicKey: Buffer): boolean {
  if (publicKey.length !== 32) return false
  const key = createPublicKey({ key: Buffer.concat([spki, publicKey]), format: 'der', type: 'spki' })
  return verify(null, bytesOf(kind, payload), key, Buffer.from(signature, 'base64'))
}

function privateOf(secret: Secret): KeyObject {
  const text = secret.reveal()
  if (text.length < leastSecret)
    throw new QuaysideError(`backup_signing_key is shorter than ${leastSecret} characters`, {
      exitCode: exit.usage,
      hint: 'take a longer one: openssl rand -hex 32 prints one',
    })
  const seed = createHash('sha256').update(`quayside backup signature 1\n${text}`).digest()
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
}

function publicOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spki.length)
}

function bytesOf(kind: SignedKind, payload: unknown): Buffer {
  return Buffer.from(`quayside ${kind}\n${canonical(payload)}`)
}

/** JSON with sorted keys: the same bytes, however the document was laid out in between. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}

function isSigned(value: unknown): value is Signed {
  return (
    typeof value === 'object' &&
    value !== null &&
    'payload' in value &&
    'signature' in value &&
    typeof value.signature === 'string' &&
    'publicKey' in value &&
    typeof value.publicKey === 'string'
  )
}
