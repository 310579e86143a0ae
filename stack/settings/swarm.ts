import type { Setting } from '../../lib/stack/setting.ts'
import { reference } from '../environment/index.ts'
import { ports } from '../nginx/conf.ts'
import { switchMount, switchVolume } from '../nginx/switch.ts'

/** No default: which release runs is never a matter of what was forgotten. */
const released = (name: string) =>
  `${reference('swarm', 'REGISTRY')}/${name}:${reference('swarm', 'RELEASE')}`

/** The stack's own servers, unless settings name others: lib/swarm leaves these out then. */
const data = {
  DATABASE_HOST: reference('swarm', 'DATABASE_HOST'),
  DATABASE_PORT: reference('swarm', 'DATABASE_PORT'),
  DATABASE_SSLMODE: reference('swarm', 'DATABASE_SSLMODE'),
  REDIS_HOST: reference('swarm', 'REDIS_HOST'),
  REDIS_PORT: reference('swarm', 'REDIS_PORT'),
} as const

const publicUrl = { PUBLIC_URL: reference('swarm', 'PUBLIC_URL') }

/** The swarm watches a task for the monitor time, and goes on to the next meanwhile, but for this. */
const delaySeconds = '${UPDATE_DELAY_SECONDS:-15}'

/** Its volume is on one node, and two servers over one volume would destroy it. */
const stays = (label: string) =>
  ({
    deploy: {
      replicas: '1',
      constraints: [`node.labels.${label} == true`],
      order: 'stop-first',
      monitorSeconds: 30,
      delaySeconds: '1',
    },
  }) as const

export const swarm: Setting = {
  name: 'swarm',
  about: `Production on a Swarm: rolling updates, nginx on each node that is an edge, data where its volume is.

    docker stack deploy --with-registry-auth --compose-file compose/stack.yaml agentlab
with the settings of compose/swarm.env in the environment (set -a; . compose/swarm.env), after the migrations.

A service of Swarm has no security_opt: no-new-privileges stands in each node's daemon.json, where roles/docker puts it.

Written from stack/ by: npm run compose. Changes made here are lost.`,
  secretsIn: './secrets/swarm',
  services: {
    postgres: stays('postgres'),
    redis: stays('redis'),
    api: {
      image: released('api'),
      environment: { ...publicUrl, ...data },
      deploy: { replicas: '${API_REPLICAS:-2}', order: 'start-first', monitorSeconds: 15, delaySeconds },
    },
    web: {
      image: released('web'),
      deploy: { replicas: '${WEB_REPLICAS:-2}', order: 'start-first', monitorSeconds: 15, delaySeconds },
    },
    nginx: {
      environment: { ...publicUrl, SERVER_NAME: reference('swarm', 'SERVER_NAME') },
      mounts: [switchMount],
      ports: [
        { published: '${HTTP_PORT:-80}', target: ports.http, host: true },
        { published: '${HTTPS_PORT:-443}', target: ports.https, host: true },
      ],
      deploy: {
        replicas: 'one on each node',
        constraints: ['node.labels.edge == true'],
        order: 'stop-first',
        monitorSeconds: 15,
        delaySeconds,
      },
    },
  },
  volumes: [switchVolume],
  configs: [{ name: 'nginx_conf', path: './nginx/swarm.conf' }],
}
