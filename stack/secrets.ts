import type { SecretFile } from '../lib/stack/model.ts'

export const secrets: readonly SecretFile[] = [
  { name: 'postgres_superuser_password', about: "PostgreSQL's own administrator, postgres." },
  { name: 'postgres_password', about: 'What the api and its migrations sign in with.' },
  { name: 'redis_password', about: 'What the api signs in to Redis with.' },
  { name: 'api_signing_key', about: "What the api's tokens are signed with." },
  { name: 'anthropic_api_key', about: 'Optional: an empty file means that it is not used.' },
  { name: 'openai_api_key', about: 'Optional, too.' },
  { name: 'tls_certificate', about: 'The certificate, then its chain, as PEM.' },
  { name: 'tls_key', about: 'Its private key.' },
]
