/** The same path on the host and, read-only, in the container. */
const folder = '/etc/quayside/redis'

export const paths = {
  folder,
  config: `${folder}/redis.conf`,
  password: `${folder}/password`,
} as const
