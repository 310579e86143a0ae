import { secret, type VarsOf } from '../../lib/inventory/schema.ts'
import { appVars } from '../app/schema.ts'
import { images } from '../versions.ts'

const port = { type: 'integer', minimum: 1, maximum: 65535 } as const
const rate = { type: 'integer', minimum: 0 } as const

/** Variables of the nginx-tls role: its own, and those of the apps that it passes requests to. */
export const nginxVars = {
  type: 'object',
  additionalProperties: false,
  required: ['apps', 'nginx_certificate', 'nginx_certificate_key'],
  properties: {
    ...appVars.properties,
    nginx_image: { type: 'string', default: images.nginx, description: 'nginx 1.22 or newer' },
    nginx_server_names: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Za-z0-9.*_-]+$' },
      minItems: 1,
      default: ['_'],
      description: 'names the site is served under; the first is what apps see in a preview; `_` is any',
    },
    nginx_certificate: { ...secret, description: 'the certificate, then its chain, as PEM' },
    nginx_certificate_key: { ...secret, description: 'the private key of the certificate, as PEM' },
    nginx_http_port: { ...port, default: 80, description: 'redirects to HTTPS' },
    nginx_https_port: { ...port, default: 443, description: 'serves the site' },
    nginx_http3: {
      type: 'boolean',
      default: false,
      description: 'HTTP/3, too: UDP on nginx_https_port, for an image whose nginx is built with it',
    },
    nginx_cache_mb: {
      type: 'integer',
      minimum: 0,
      default: 64,
      description: 'memory for files below `assets` of the apps that are public and immutable; 0 keeps none',
    },
    nginx_preview_port: {
      ...port,
      default: 8900,
      description: 'on 127.0.0.1: `Host: blue` or `Host: green` asks that colour, live or not',
    },
    nginx_ipv6: { type: 'boolean', default: false, description: 'listen on IPv6, too' },
    nginx_trusted_proxies: {
      type: 'array',
      items: { type: 'string', pattern: '^[0-9a-fA-F:.]+(/[0-9]+)?$' },
      default: [],
      description: 'load balancers in front, whose X-Forwarded-For is believed',
    },
    nginx_rate_limit: {
      ...rate,
      default: 50,
      description: 'requests per second from one client address to each app; 0 is no limit',
    },
    nginx_rate_limits: {
      type: 'object',
      additionalProperties: rate,
      default: {},
      description: 'the same for single apps, by name: `api: 20`',
    },
    nginx_rate_burst: {
      ...rate,
      default: 100,
      description: 'requests over the limit that are let through before 429 is answered',
    },
    nginx_max_body_size: {
      type: 'string',
      pattern: '^[0-9]+[kmg]?$',
      default: '10m',
      description: 'largest request body; 413 beyond it',
    },
    nginx_read_timeout_seconds: {
      type: 'integer',
      minimum: 1,
      default: 120,
      description: 'how long an app may be silent before 504',
    },
    nginx_websocket_timeout_seconds: {
      type: 'integer',
      minimum: 1,
      default: 3600,
      description: 'how long a WebSocket may be silent before it is closed',
    },
    nginx_upstream_keepalive_seconds: {
      type: 'integer',
      minimum: 1,
      default: 5,
      description: 'how long an idle connection to an app is kept; the apps must keep theirs longer',
    },
    nginx_shutdown_seconds: {
      type: 'integer',
      minimum: 1,
      default: 600,
      description: 'how long connections may go on in old workers after a reload',
    },
    nginx_hsts_seconds: {
      type: 'integer',
      minimum: 0,
      default: 31_536_000,
      description: 'how long browsers shall insist on HTTPS; 0 is not said',
    },
    nginx_content_security_policy: {
      type: 'string',
      pattern: '^[^"$\\\\\\n]*$',
      default:
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
      description:
        "Content-Security-Policy; empty leaves it to the apps. Next.js' inline scripts need its default",
    },
    nginx_memory_mb: {
      type: 'integer',
      minimum: 32,
      default: 512,
      description: 'limit; bodies in transit count',
    },
    nginx_extra: {
      type: 'string',
      default: '',
      description: 'further directives in the server block of the site',
    },
  },
} as const

export type NginxVars = VarsOf<typeof nginxVars>
