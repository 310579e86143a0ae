import type { Setting } from '../../lib/stack/setting.ts'
import { reference } from '../environment/index.ts'
import { ports } from '../nginx/conf.ts'
import { switchMount, switchVolume } from '../nginx/switch.ts'
import { migrate } from '../services/api.ts'

/** No default: which release runs is never a matter of what was forgotten. */
const released = (name: string) => `${reference('prod', 'REGISTRY')}/${name}:${reference('prod', 'RELEASE')}`

const publicUrl = { PUBLIC_URL: reference('prod', 'PUBLIC_URL') }

const again = { restart: 'unless-stopped' } as const

export const prod: Setting = {
  name: 'prod',
  about: `Production on one host: nginx's ports 80 and 443 are all that the world sees; what ends is started again.

    npx zx playbooks/env.ts init prod   compose/prod.env and the secrets; then give REGISTRY, RELEASE and the certificate
    docker compose --env-file compose/prod.env -f compose/prod.yaml up -d --wait

On several hosts, without a request lost: stack.yaml (Swarm), or playbooks/deploy.ts (blue-green).

Written from stack/ by: npm run compose. Changes made here are lost.`,
  secretsIn: './secrets/prod',
  services: {
    postgres: { ...again },
    redis: { ...again },
    migrate: { image: released('api'), after: { postgres: 'healthy' }, restart: 'on-failure' },
    api: {
      image: released('api'),
      environment: publicUrl,
      after: { migrate: 'completed', redis: 'healthy' },
      ...again,
    },
    web: { image: released('web'), after: { api: 'healthy' }, ...again },
    nginx: {
      environment: { ...publicUrl, SERVER_NAME: reference('prod', 'SERVER_NAME') },
      mounts: [switchMount],
      ports: [
        { published: '${HTTP_PORT:-80}', target: ports.http },
        { published: '${HTTPS_PORT:-443}', target: ports.https },
      ],
      after: { api: 'healthy', web: 'healthy' },
      ...again,
    },
  },
  more: [migrate],
  volumes: [switchVolume],
  configs: [{ name: 'nginx_conf', path: './nginx/prod.conf' }],
}
