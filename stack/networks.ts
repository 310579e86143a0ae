import type { Network } from '../lib/stack/model.ts'

/** The tiers. What is on no common network cannot reach each other: web knows no way to the database. */
export const networks: readonly Network[] = [
  { name: 'edge', about: 'The way in: nginx alone.', internal: false },
  { name: 'frontend', about: 'nginx and web.', internal: true },
  { name: 'backend', about: 'Who asks the api: nginx and web.', internal: true },
  { name: 'database', about: 'PostgreSQL and Redis, and the api that uses them.', internal: true },
  {
    name: 'egress',
    about: 'The way out, to providers of language models: the api alone.',
    internal: false,
  },
]
