import { plain } from '../../lib/secret/index.ts'
import type { App } from '../app/schema.ts'
import { cachedAssets } from './asset-cache.ts'
import type { NginxVars } from './schema.ts'

export type RateVars = Pick<NginxVars, 'nginx_rate_limit' | 'nginx_rate_limits'> & {
  readonly apps: readonly Pick<App, 'name'>[]
}

/**
 * The locations that pass requests to the apps of `$colour`, longest route first. Each app has two: a WebSocket may
 * be silent for an hour, while a request that hangs as long would hide a broken release from a deploy. Those of clients
 * are `limited`, and get assets from the cache; a preview asks the colour itself.
 */
export function locations(vars: NginxVars, { limited }: { limited: boolean }): string {
  const apps = [...vars.apps].sort((a, b) => b.route.length - a.route.length || (a.route < b.route ? -1 : 1))
  return apps
    .map((app) => {
      const rate = limited && rateOf(vars, app) > 0
      const limit = rate ? `limit_req zone=rate_${app.name} burst=${vars.nginx_rate_burst} nodelay;\n` : ''
      const pass = `${limit}proxy_pass http://${app.name}_$colour;`
      const own = plain`
        location ${app.route} {
          error_page 418 = @${app.name}_websocket;
          if ($http_upgrade) { return 418; }
          ${pass}
        }
        location @${app.name}_websocket {
          ${pass}
          proxy_read_timeout ${vars.nginx_websocket_timeout_seconds}s;
          proxy_send_timeout ${vars.nginx_websocket_timeout_seconds}s;
        }`
      return [own, assets(app, pass, limited ? vars.nginx_cache_mb : 0)].filter(Boolean).join('\n')
    })
    .join('\n')
}

/**
 * A page that was loaded before a flip asks for its scripts after it: what the live colour lacks, the other may have.
 * Where that one is down the answer is the 404 that it was.
 */
function assets(app: App, pass: string, megabytes: number): string {
  if (app.assets === undefined) return ''
  return plain`
    location ${app.assets} {
      proxy_intercept_errors on;
      recursive_error_pages on;
      error_page 404 = @${app.name}_other;
      ${cachedAssets(app.name, megabytes)}
      ${pass}
    }
    location @${app.name}_other {
      error_page 502 504 =404 @nowhere;
      proxy_pass http://${app.name}_$other_colour;
    }`
}

/** The zones that count requests per client address, one an app. */
export function rateZones(vars: RateVars): string {
  return vars.apps
    .filter((app) => rateOf(vars, app) > 0)
    .map(
      (app) => `limit_req_zone $binary_remote_addr zone=rate_${app.name}:10m rate=${rateOf(vars, app)}r/s;`,
    )
    .join('\n')
}

export function rateOf(vars: RateVars, app: Pick<App, 'name'>): number {
  return vars.nginx_rate_limits[app.name] ?? vars.nginx_rate_limit
}
