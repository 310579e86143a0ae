import { alphanumeric } from '../../lib/env/generate.ts'

const line = {
  type: 'string',
  pattern: '^[!-~]+$',
  title: 'one line of printable ASCII without blanks',
} as const

const password = { ...line, made: { generate: { length: 32, alphabet: alphanumeric } } } as const

/** What a stage makes for itself. */
export const ownSecrets = {
  postgres_superuser_password: {
    ...password,
    description: 'of the role postgres, which only its container uses',
  },
  postgres_password: { ...password, description: "of the app's role in PostgreSQL" },
  redis_password: { ...password, description: "of Redis' default user" },
  api_signing_key: {
    ...line,
    minLength: 32,
    title: 'one line of 32 characters or more, printable ASCII without blanks',
    description: "what the api signs its users' tokens with",
    made: { generate: { length: 64, alphabet: alphanumeric } },
  },
} as const

/** What others give, and the app does without. */
export const providerKeys = {
  anthropic_api_key: {
    type: 'string',
    pattern: '^sk-ant-[A-Za-z0-9_-]{20,}$',
    title: 'a key that starts with sk-ant-',
    description: "the api's account at Anthropic",
    made: { given: 'https://console.anthropic.com' },
  },
  openai_api_key: {
    type: 'string',
    pattern: '^sk-(?!ant-)[A-Za-z0-9_-]{20,}$',
    title: "a key that starts with sk-, and is not Anthropic's",
    description: "the api's account at OpenAI",
    made: { given: 'https://platform.openai.com' },
  },
} as const

/** nginx's certificate in production. */
export const certificate = {
  tls_certificate: {
    type: 'string',
    pattern: '^-----BEGIN CERTIFICATE-----\\r?\\n',
    title: 'a certificate in PEM, with those between it and its authority after it',
    description: "nginx's certificate for SERVER_NAME",
    made: { given: 'a certificate authority' },
  },
  tls_key: {
    type: 'string',
    pattern: '^-----BEGIN ((RSA|EC) )?PRIVATE KEY-----\\r?\\n',
    title: 'a private key in PEM, without a passphrase',
    description: 'the key of that certificate',
    made: { given: 'whoever asked for the certificate' },
  },
} as const

const authority = {
  made: { later: 'dev.ts and test.ts, of an authority of this machine, when they start the stack' },
} as const

/** nginx's certificate where nobody but this machine has to trust it. */
export const localCertificate = {
  tls_certificate: {
    ...certificate.tls_certificate,
    ...authority,
    description: "nginx's certificate for localhost",
  },
  tls_key: { ...certificate.tls_key, ...authority },
} as const
