import { createHash, createHmac, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'
import { Secret } from '../secret/index.ts'

const iterations = 4096

/**
 * What PostgreSQL stores for a password (RFC 5802, RFC 7677): "SCRAM-SHA-256$4096:salt$StoredKey:ServerKey". Made
 * here, so that the server never sees the clear password, and cannot write it to its log.
 */
export function scramVerifier(password: Secret, salt: Uint8Array): Secret {
  return new Secret(verifier(password, salt, iterations))
}

/**
 * A salt that is always the same for a password and its role, so that a plan made twice is the same plan. It gives no
 * quicker way to guess the password than the verifier itself: scrypt is the slower of the two.
 */
export function saltOf(password: Secret, role: string): Uint8Array {
  return scryptSync(prepared(password), `quayside scram ${role}`, 16)
}

/** Whether a stored verifier is that of this password; false for what is none: an MD5 hash, no password. */
export function verifies(stored: unknown, password: Secret): boolean {
  const match = /^SCRAM-SHA-256\$(\d{1,7}):([A-Za-z0-9+/=]+)\$/.exec(typeof stored === 'string' ? stored : '')
  if (match === null) return false
  const [, rounds = '', salt = ''] = match
  const [is, wanted] = [
    Buffer.from(String(stored)),
    Buffer.from(verifier(password, Buffer.from(salt, 'base64'), Number(rounds))),
  ]
  return is.length === wanted.length && timingSafeEqual(is, wanted)
}

function verifier(password: Secret, salt: Uint8Array, rounds: number): string {
  const salted = pbkdf2Sync(prepared(password), salt, rounds, 32, 'sha256')
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64')
  const serverKey = hmac('Server Key').toString('base64')
  return `SCRAM-SHA-256$${rounds}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`
}

/** SASLprep leaves printable ASCII as it is; anything else would need its tables, so it is refused. */
function prepared(password: Secret): string {
  const clear = password.reveal()
  if (!/^[\x20-\x7e]+$/.test(clear)) throw new TypeError('a password for PostgreSQL must be printable ASCII')
  return clear
}
