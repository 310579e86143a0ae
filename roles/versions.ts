/** Every version that Quayside pins, in one place. Raise one here; an inventory may override any image. */
export const versions = {
  postgres: '15.4',
  pgvector: '0.5.0',
  redis: '7.0',
  nginx: '1.25',
  python: '3.11.5',
  node: '18.17.0',
} as const

/** The upstream images of those versions. */
export const images = {
  postgres: `ankane/pgvector:v${versions.pgvector}`,
  redis: `redis:${versions.redis}-alpine`,
  nginx: `nginx:${versions.nginx}-alpine`,
  python: `python:${versions.python}-slim`,
  node: `node:${versions.node}-alpine`,
} as const
