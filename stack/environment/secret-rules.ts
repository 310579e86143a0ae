import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { SecretRule } from '../../lib/env/stage.ts'

const day = 24 * 60 * 60 * 1000

const certificateHint =
  'a certificate authority gives another: it, then those between it and the authority, in PEM'

/** What makes browsers refuse nginx's certificate. */
export const certificateRules: readonly SecretRule[] = [
  {
    secret: 'tls_certificate',
    kind: 'malformed',
    wrong: (secret) =>
      certificateIn(secret.reveal().text) === undefined
        ? { message: 'this is no certificate that can be read', hint: certificateHint }
        : undefined,
  },
  {
    secret: 'tls_certificate',
    kind: 'insecure',
    wrong: (secret) => {
      const found = certificateIn(secret.reveal().text)
      if (found === undefined) return undefined
      const left = Date.parse(found.validTo) - Date.now()
      const on = new Date(found.validTo).toISOString().slice(0, 10)
      if (left < 0) return { message: `this certificate has expired on ${on}`, hint: certificateHint }
      return left < 7 * day
        ? { message: `this certificate expires on ${on}, in less than a week`, hint: certificateHint }
        : undefined
    },
  },
  {
    secret: 'tls_certificate',
    kind: 'malformed',
    wrong: (secret, _, settings) => {
      const name = settings.get('SERVER_NAME')
      const found = certificateIn(secret.reveal().text)
      return name === undefined || found === undefined || found.checkHost(name) !== undefined
        ? undefined
        : { message: 'this certificate is not for `SERVER_NAME`', hint: certificateHint }
    },
  },
  {
    secret: 'tls_key',
    kind: 'malformed',
    wrong: (secret, others) => {
      const key = keyIn(secret.reveal().text)
      if (key === undefined)
        return {
          message: 'this is no private key that can be read without a passphrase',
          hint: 'openssl pkey -in KEY -out tls_key takes the passphrase off',
        }
      const found = certificateIn(others.get('tls_certificate')?.reveal().text ?? '')
      return found === undefined || found.checkPrivateKey(key)
        ? undefined
        : {
            message: 'this is not the key of tls_certificate',
            hint: 'the certificate was asked for with another key: put in that one, or ask anew',
          }
    },
  },
]

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function keyIn(pem: string) {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
