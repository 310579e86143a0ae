import { plain } from '../../lib/secret/index.ts'
import { cachedAssets } from '../../roles/nginx-tls/asset-cache.ts'
import { type HttpVars, httpSettings } from '../../roles/nginx-tls/http-settings.ts'
import { rateOf } from '../../roles/nginx-tls/locations.ts'
import { whileClosed } from '../../roles/nginx-tls/maintenance.ts'
import { switches } from '../../roles/nginx-tls/paths.ts'
import { nginxVars } from '../../roles/nginx-tls/schema.ts'

/** In the container, above 1024: nginx runs as a user of no rights. */
export const ports = { http: 8080, https: 8443, local: 8900 } as const

export interface NginxSetting {
  readonly about: string
  /** whether plain http answers, or sends on to https: in development nobody has to trust a certificate first */
  readonly http: 'serves' | 'redirects'
  /** any name, or SERVER_NAME alone: others get no handshake */
  readonly names: 'any' | 'its own'
  /** requests a second from one address; 0 is no limit */
  readonly rate: number
  /** how long browsers insist on https; 0 is not said */
  readonly hstsSeconds: number
  /** Next.js' development server compiles code in the browser */
  readonly evalScripts?: boolean
}

/** Longest route first. */
const apps = [
  { name: 'api', route: '/api/', port: 8000 },
  { name: 'web', route: '/', port: 3000 },
] as const

/** The whole of nginx.conf for containers that are found by their names. */
export function nginxConf(setting: NginxSetting): string {
  const vars = varsOf(setting)
  return plain`
    # ${setting.about}
    daemon off;
    pid /tmp/nginx.pid;
    error_log stderr error;
    worker_processes auto;
    worker_rlimit_nofile 16384;
    worker_shutdown_timeout 25s;

    events {
      worker_connections 4096;
    }

    http {
      # Docker's own: a container that was made anew is found at its new address a second later.
      resolver 127.0.0.11 valid=1s ipv6=off;

      ${httpSettings(vars)}

      server {
        listen ${ports.https} ssl http2${setting.names === 'any' ? ' default_server' : ''};
        ${setting.http === 'serves' ? `listen ${ports.http} default_server;` : ''}
        server_name ${setting.names === 'any' ? '_' : '@SERVER_NAME@'};
        ssl_certificate /run/secrets/tls_certificate;
        ssl_certificate_key /run/secrets/tls_key;

        set $colour '';
        set $retry_after '';
        ${setting.names === 'any' ? '' : whileClosed(switches.maintenance)}
        set $upstream_host $asked_host;
        set $forwarded_host $asked_host;
        set $upstream_proto $scheme;

        ${apps.map((app) => location(app, vars)).join('\n\n')}

        ${assets(vars)}
      }

      ${setting.names === 'any' ? '' : stranger}

      ${setting.http === 'redirects' ? redirect : ''}

      server {
        listen 127.0.0.1:${ports.local};
        location = /nginx-health { access_log off; default_type text/plain; return 200 "ok\\n"; }
        location / { return 404; }
      }
    }
  `
}

const stranger = plain`
  server {
    listen ${ports.https} ssl http2 default_server;
    ssl_reject_handshake on;
  }`

const redirect = plain`
  server {
    listen ${ports.http} default_server;
    return 301 @PUBLIC_URL@$request_uri;
  }`

function location({ name, port, route }: (typeof apps)[number], vars: HttpVars): string {
  const passed = pass({ name, port }, vars)
  return plain`
    location ${route} {
      error_page 418 = @${name}_websocket;
      if ($http_upgrade) { return 418; }
      ${passed}
    }
    location @${name}_websocket {
      ${passed}
      proxy_read_timeout 3600s;
      proxy_send_timeout 3600s;
    }`
}

/** By a variable, so that the name is looked up when a request comes, and not once when nginx starts. */
function pass({ name, port }: { readonly name: string; readonly port: number }, vars: HttpVars): string {
  const rate = rateOf(vars, { name })
  const limit = rate > 0 ? `limit_req zone=rate_${name} burst=${rate * 2} nodelay;\n` : ''
  return `${limit}set $${name} ${name};\nproxy_pass http://$${name}:${port};`
}

/** Files of Next.js whose names change with what is in them. */
function assets(vars: HttpVars): string {
  return plain`
    location /_next/static/ {
      ${cachedAssets('web', vars.nginx_cache_mb)}
      ${pass(apps[1], vars)}
    }`
}

function varsOf({ evalScripts, hstsSeconds, rate }: NginxSetting): HttpVars {
  const { properties } = nginxVars
  const policy = properties.nginx_content_security_policy.default
  return {
    apps,
    nginx_trusted_proxies: [],
    nginx_http3: false,
    nginx_https_port: ports.https,
    nginx_cache_mb: 32,
    nginx_max_body_size: properties.nginx_max_body_size.default,
    nginx_read_timeout_seconds: properties.nginx_read_timeout_seconds.default,
    nginx_hsts_seconds: hstsSeconds,
    nginx_content_security_policy: evalScripts
      ? policy.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'")
      : policy,
    nginx_rate_limit: rate,
    nginx_rate_limits: {},
  }
}
