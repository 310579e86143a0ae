import type { ConfigFile, Service } from '../../lib/stack/model.ts'
import { healthCommand } from '../../roles/nginx-tls/health.ts'
import { image } from '../images.ts'
import { ports } from '../nginx/conf.ts'

export const nginx: Service = {
  name: 'nginx',
  about: 'The only one that the world reaches: TLS, headers, limits, and the way to web and api.',
  image: image.nginx,
  user: '101:101',
  entrypoint: ['sh', '/etc/agentlab/nginx/start.sh'],
  secrets: ['tls_certificate', 'tls_key'],
  configs: {
    nginx_start: '/etc/agentlab/nginx/start.sh',
    nginx_conf: '/etc/agentlab/nginx/nginx.conf',
  },
  networks: ['edge', 'frontend', 'backend'],
  mounts: [{ type: 'tmpfs', target: '/tmp', sizeMb: 128 }],
  health: {
    command: healthCommand(ports.local),
    intervalSeconds: 2,
    timeoutSeconds: 4,
    retries: 3,
    startPeriodSeconds: 10,
  },
  resources: { memoryMb: 256, reservedMb: 32, cpus: '1', pids: 64 },
  ulimits: { nofile: 16384 },
  // SIGQUIT lets requests finish.
  stop: { signal: 'SIGQUIT', graceSeconds: 30 },
}

/** What nginx.conf says is its setting's. */
export const nginxConfigs: readonly ConfigFile[] = [{ name: 'nginx_start', path: './nginx/start.sh' }]
