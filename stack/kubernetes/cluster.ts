import type { Cluster, Overlay } from '../../lib/stack/kubernetes/cluster.ts'
import { nginxVars } from '../../roles/nginx-tls/schema.ts'
import { migrate } from '../services/api.ts'

const { nginx_max_body_size: body } = nginxVars.properties

/** AgentLab in Kubernetes. nginx's place is the Ingress': it ends TLS, and knows the same two ways. */
export const cluster: Cluster = {
  namespace: 'agentlab',
  host: 'agentlab.example',
  secret: 'agentlab-secrets',
  ingressNamespace: 'ingress-nginx',
  services: {
    // A volume is not empty when it is new: the server wants a folder that is its own.
    postgres: {
      port: 5432,
      uses: [],
      storageGi: 20,
      environment: { PGDATA: '/var/lib/postgresql/data/server' },
    },
    redis: { port: 6379, uses: [], storageGi: 2 },
    api: {
      port: 8000,
      uses: ['postgres', 'redis'],
      world: true,
      replicas: { min: 2, max: 6 },
      environment: { PUBLIC_URL: 'https://agentlab.example' },
    },
    web: { port: 3000, uses: ['api'], replicas: { min: 2, max: 6 } },
    migrate: { uses: ['postgres'] },
  },
  jobs: [migrate],
  routes: [
    { path: '/api/', service: 'api' },
    { path: '/', service: 'web' },
  ],
  // ingress-nginx' own words; another controller has others.
  annotations: {
    'nginx.ingress.kubernetes.io/ssl-redirect': 'true',
    'nginx.ingress.kubernetes.io/proxy-body-size': body.default,
    // WebSockets that say nothing for an hour.
    'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
    'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600',
    'nginx.ingress.kubernetes.io/limit-rps': '50',
  },
}

const store = 'agentlab'

export const overlays: readonly Overlay[] = [
  {
    name: 'dev',
    about: 'A cluster of your own: one of each. Its secrets are made by hand: docs/kubernetes.md',
    host: 'agentlab.localhost',
    registry: 'agentlab',
    single: true,
  },
  {
    name: 'staging',
    about: 'Staging: as production, smaller.',
    host: 'staging.example.com',
    registry: 'registry.example.com/agentlab',
    replicas: { api: { min: 1, max: 2 }, web: { min: 1, max: 2 } },
    secretStore: store,
  },
  {
    name: 'production',
    about: 'Production.',
    host: 'example.com',
    registry: 'registry.example.com/agentlab',
    replicas: { api: { min: 3, max: 12 }, web: { min: 2, max: 6 } },
    memoryMi: { postgres: 8192, redis: 1024 },
    secretStore: store,
  },
]
