import type { App } from '../lib/deploy/app.ts'
import { Secret } from '../lib/secret/index.ts'
import type { SwarmVars } from '../roles/swarm/schema.ts'
import { stackFileOf } from './on-swarm.ts'

/**
 * The stack's api as a drill boots it: alone, on one host, beside a scratch server in whose place the settings name the
 * database. The image is that of the release which the drill is about.
 */
export async function drilledApps(vars: SwarmVars): Promise<readonly App[]> {
  const { services } = await stackFileOf(vars, 'drill')
  const { environment, secrets } = services.api as unknown as {
    readonly environment: Readonly<Record<string, string>>
    readonly secrets: readonly string[]
  }
  return [
    {
      name: 'api',
      image: `${vars.stack_settings.REGISTRY}/api`,
      port: 8000,
      // Nobody publishes a port of it.
      ports: { blue: 8010, green: 8030 },
      route: '/api/',
      health: '/api/health',
      smoke: ['/api/ready', '/api/version'],
      replicas: 1,
      user: 10001,
      // The scratch server is in the same network of the same host, and has no certificate.
      env: { ...environment, DATABASE_SSLMODE: 'disable' },
      secrets: Object.fromEntries(secrets.map((name) => [name, vars.stack_secrets[name] ?? new Secret('')])),
      memory_mb: 512,
      cpus: 1,
      start_seconds: 60,
      stop_seconds: 20,
    },
  ]
}
