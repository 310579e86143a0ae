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

/** SHA-256 of the keys that upstream repositories of packages are signed by: a host takes no other. */
export const keys = {
  docker: '1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570',
} as const
