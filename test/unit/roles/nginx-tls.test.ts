import { describe, expect, test } from 'vitest'
import { Secret } from '../../../lib/secret/index.ts'
import { nginxConf } from '../../../roles/nginx-tls/nginx-conf.ts'
import { nginxTls } from '../../../roles/nginx-tls/role.ts'
import { nginxVars } from '../../../roles/nginx-tls/schema.ts'
import { context, planned, varsOf, visible } from './context.ts'
import { block, servers } from './nginx-text.ts'

const apps = [
  { name: 'web', image: 'web', port: 3000, ports: { blue: 3010, green: 3030 }, route: '/', health: '/' },
  {
    name: 'api',
    image: 'api',
    port: 8000,
    ports: { blue: 8010, green: 8030 },
    route: '/api/',
    health: '/api/health',
    replicas: 2,
    secrets: { TOKEN: new Secret('app-token') },
  },
]
const vars = (given: Readonly<Record<string, unknown>> = {}) =>
  varsOf(nginxVars, {
    apps,
    nginx_server_names: ['site.test', 'www.site.test'],
    nginx_certificate: new Secret('-----BEGIN CERTIFICATE-----'),
    nginx_certificate_key: new Secret('-----BEGIN PRIVATE KEY-----'),
    ...given,
  })
const conf = (given: Readonly<Record<string, unknown>> = {}) =>
  nginxConf(vars(given), ['10.0.0.21', '10.0.0.22'])
const site = (text: string) => servers(text).find((each) => each.includes('ssl_certificate ')) ?? ''
const preview = (text: string) => servers(text).find((each) => each.includes('(?<colour>')) ?? ''

describe('upstreams', () => {
  test('both colours of every app stand, each replica on each host', () => {
    const text = conf()
    expect(text.match(/upstream \w+(?= \{)/g)).toEqual([
      'upstream web_blue',
      'upstream web_green',
      'upstream api_blue',
      'upstream api_green',
    ])
    expect(block(text, 'upstream api_green')?.match(/[\d.]+:\d+/g)).toEqual([
      '10.0.0.21:8030',
      '10.0.0.21:8031',
      '10.0.0.22:8030',
      '10.0.0.22:8031',
    ])
  })

  test('an idle connection is kept as long as the inventory says', () => {
    const text = conf({ nginx_upstream_keepalive_seconds: 7 })
    expect(block(text, 'upstream web_blue')).toMatch(/keepalive 32;[^}]*keepalive_timeout 7s;/)
  })

  test('an IPv6 address stands in brackets', () => {
    expect(nginxConf(vars(), ['fd00::21'])).toContain('server [fd00::21]:3010 ')
  })
})

describe('the site', () => {
  test('a file decides on each request which colour answers', () => {
    const text = site(conf())
    expect(text).toContain('set $colour blue;')
    expect(text).toContain('if (-f /etc/nginx/switch/green) { set $colour green; }')
    expect(text.match(/location \S+/g)?.slice(0, 4)).toEqual([
      'location /api/',
      'location @api_websocket',
      'location /',
      'location @web_websocket',
    ])
    expect(text).toContain('proxy_pass http://api_$colour;')
  })

  test('what the live colour lacks of an app with assets is asked of the other one', () => {
    const text = site(conf({ apps: [{ ...apps[0], assets: '/_next/static/' }] }))
    expect(block(text, 'location /_next/static/')).toContain('error_page 404 = @web_other;')
    expect(block(text, 'location @web_other')).toContain('proxy_pass http://web_$other_colour;')
    expect(site(conf())).not.toContain('_other')
  })

  test('assets are kept for clients, and never for a preview, which asks a colour', () => {
    const given = { apps: [{ ...apps[0], assets: '/_next/static/' }] }
    const text = conf(given)
    expect(text).toContain('proxy_cache_path /tmp/assets levels=1:2 keys_zone=assets:1m max_size=64m')
    expect(block(site(text), 'location /_next/static/')).toContain('proxy_cache assets;')
    expect(block(preview(text), 'location /_next/static/')).not.toContain('proxy_cache')
    expect(conf({ ...given, nginx_cache_mb: 0 })).not.toContain('proxy_cache')
  })

  test('HTTP/3 is there where it is asked for, and told to who came by HTTPS', () => {
    expect(conf()).not.toMatch(/quic|Alt-Svc/)
    const text = conf({ nginx_http3: true, nginx_https_port: 8443, nginx_ipv6: true })
    expect(site(text)).toMatch(/listen 8443 quic reuseport;\s+listen \[::\]:8443 quic reuseport;/)
    expect(preview(text)).not.toContain('quic')
    expect(text).toContain(`map $https $alternative { default ''; on 'h3=":8443"; ma=86400'; }`)
    expect(text).toContain('add_header Alt-Svc $alternative always;')
  })

  test('a request that hangs fails long before a WebSocket that is silent', () => {
    const text = conf()
    expect(text).toContain('proxy_read_timeout 120s;')
    expect(block(text, 'location @web_websocket')).toContain('proxy_read_timeout 3600s;')
  })

  test('maintenance is a switch, too', () => {
    const server = site(conf())
    expect(server).toContain('if (-f /etc/nginx/switch/maintenance) { set $closed yes; }')
    expect(block(server, 'if ($closed)')).toMatch(/set \$retry_after 60;\s+return 503/)
    // A deploy proves from the edge itself what it has done.
    expect(server.indexOf('if ($remote_addr = 127.0.0.1)')).toBeLessThan(server.indexOf('if ($closed)'))
  })

  test('limits each client address, per app', () => {
    const text = conf({ nginx_rate_limits: { api: 20 } })
    expect(text).toContain('limit_req_zone $binary_remote_addr zone=rate_api:10m rate=20r/s;')
    expect(text).toContain('limit_req_zone $binary_remote_addr zone=rate_web:10m rate=50r/s;')
    expect(block(site(text), 'location /api/')).toContain('limit_req zone=rate_api burst=100 nodelay;')
    expect(text).toContain('limit_req_status 429;')
  })

  test('0 is no limit', () => {
    expect(conf({ nginx_rate_limit: 0 })).not.toContain('limit_req')
    const text = conf({ nginx_rate_limits: { web: 0 } })
    expect(text).not.toContain('rate_web')
    expect(text).toContain('zone=rate_api')
  })

  test("an operator's own directives stand in it alone", () => {
    const text = conf({ nginx_extra: 'location = /robots.txt {\n  return 204;\n}' })
    expect(site(text)).toContain('\n    location = /robots.txt {\n      return 204;\n    }')
    expect(text.split('robots.txt')).toHaveLength(2)
  })
})

describe('the preview', () => {
  test('is on this host alone, in the colour that the Host header names, without limits', () => {
    const text = preview(conf())
    expect(text).toContain('listen 127.0.0.1:8900;')
    expect(text).toContain('server_name ~^(?<colour>blue|green)$;')
    expect(text).toContain('proxy_pass http://web_$colour;')
    expect(text).not.toContain('limit_req')
  })

  test('shows apps the name and scheme of the site', () => {
    expect(preview(conf())).toMatch(/set \$upstream_host site\.test;[^}]*set \$upstream_proto https;/)
    expect(preview(conf({ nginx_server_names: ['_'] }))).toContain('set $upstream_host localhost;')
  })

  test('works during maintenance', () => {
    expect(preview(conf())).not.toContain('maintenance')
  })
})

describe('headers', () => {
  test('security headers are on every answer', () => {
    const text = conf()
    for (const name of [
      'Strict-Transport-Security',
      'X-Content-Type-Options',
      'X-Frame-Options',
      'Referrer-Policy',
      'Content-Security-Policy',
      'X-Colour',
    ])
      expect(text).toMatch(new RegExp(`add_header ${name} [^\\n]* always;`))
    // A block with an add_header of its own would lose all of these.
    expect(servers(text).join()).not.toContain('add_header')
  })

  test('HSTS and CSP can be left out', () => {
    const text = conf({ nginx_hsts_seconds: 0, nginx_content_security_policy: '' })
    expect(text).not.toMatch(/Strict-Transport|Content-Security-Policy/)
  })

  test.each(["default-src 'self'; $host", 'a"b', 'a\nb'])('a policy such as %j is refused', (policy) => {
    expect(() => vars({ nginx_content_security_policy: policy })).toThrow('content_security_policy')
  })

  test("a client's address comes from itself, or from a trusted proxy", () => {
    expect(conf()).toContain('proxy_set_header X-Forwarded-For $remote_addr;')
    expect(conf()).not.toContain('set_real_ip_from')
    expect(conf({ nginx_trusted_proxies: ['10.0.0.0/24'] })).toContain('set_real_ip_from 10.0.0.0/24;')
  })
})

test('http redirects to https, on its port', () => {
  expect(conf()).toContain('return 301 https://$host$request_uri;')
  expect(conf({ nginx_https_port: 8443 })).toContain('return 301 https://$host:8443$request_uri;')
})

test('IPv6 is listened on when asked for', () => {
  expect(conf()).not.toContain('[::]')
  expect(site(conf({ nginx_ipv6: true }))).toContain('listen [::]:443 ssl http2;')
})

test('each block that opens closes', () => {
  const text = conf({ nginx_rate_limits: { api: 0 } }).replaceAll(/'[^'\n]*'|"[^"\n]*"/g, '')
  expect(text.split('{').length).toBe(text.split('}').length)
})

describe('the role', () => {
  const resources = () => nginxTls.resources(context(vars()))

  test('tries certificate and configuration before they take their place, and the container comes last', () => {
    const ids = resources().map(({ id }) => id)
    expect(ids.slice(-4)).toEqual([
      'file /etc/quayside/nginx/tls.pem',
      'file /etc/quayside/nginx/nginx.conf',
      'nginx of nginx:1.25-alpine takes /etc/quayside/nginx/nginx.conf',
      'container nginx',
    ])
    const [bundle, config] = resources().slice(-4, -2).map(planned)
    expect(bundle).toMatch(/docker run .* --entrypoint sh .*nginx -t -q -e stderr/)
    expect(config).toMatch(/docker run .* -t -q -e stderr -c \/etc\/quayside\/nginx\/\.nginx\.conf\.quayside/)
  })

  test('the same variables give the same configuration', () => {
    expect(conf()).toBe(conf())
    expect(resources().map(planned).at(-1)).toBe(resources().map(planned).at(-1))
  })

  test('no secret shows', () => {
    const shown = visible(nginxTls, context(vars()))
    expect(shown).not.toContain('PRIVATE KEY')
    expect(shown).not.toContain('BEGIN CERTIFICATE')
    expect(shown).not.toContain('app-token')
  })
})
