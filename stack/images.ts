import { images } from '../roles/versions.ts'

const or = (variable: string, image: string) => `\${${variable}:-${image}}`

/** Images as Compose files name them: the pinned one, unless the environment says which stands in for it. */
export const image = {
  postgres: or('POSTGRES_IMAGE', images.postgres),
  redis: or('REDIS_IMAGE', images.redis),
  nginx: or('NGINX_IMAGE', images.nginx),
  python: or('PYTHON_IMAGE', images.python),
  node: or('NODE_IMAGE', images.node),
  /** Built of this repository: under a registry's name where there is one. */
  api: '${REGISTRY:-agentlab}/api:${RELEASE:-dev}',
  web: '${REGISTRY:-agentlab}/web:${RELEASE:-dev}',
  quayside: '${REGISTRY:-agentlab}/quayside:${RELEASE:-dev}',
} as const
