import { plain } from '../../lib/secret/index.ts'
import { locations } from './locations.ts'
import { whileClosed } from './maintenance.ts'
import { paths, switches } from './paths.ts'
import type { NginxVars } from './schema.ts'

const health = `location = /nginx-health { access_log off; default_type text/plain; return 200 "ok\\n"; }`

const nowhere = 'location @nowhere { return 404; }'

/** The site itself. nginx looks at the switch files on each request: `set` inside `if` is the safe use of it. */
export function site(vars: NginxVars): string {
  return plain`
    server {
      ${listen(vars, vars.nginx_https_port, 'ssl http2')}
      ${vars.nginx_http3 ? listen(vars, vars.nginx_https_port, 'quic reuseport') : ''}
      server_name ${vars.nginx_server_names.join(' ')};
      ssl_certificate ${paths.bundle};
      ssl_certificate_key ${paths.bundle};

      set $colour blue;
      if (-f ${switches.green}) { set $colour green; }
      set $retry_after '';
      ${whileClosed(switches.maintenance, { openTo: '127.0.0.1' })}
      set $upstream_host $host;
      set $forwarded_host $asked_host;
      set $upstream_proto https;

      ${[locations(vars, { limited: true }), nowhere, vars.nginx_extra].filter(Boolean).join('\n\n')}
    }`
}

/** The site in a colour of one's choice, for this host alone: a deploy tries the idle colour here. */
export function preview(vars: NginxVars): string {
  const name = vars.nginx_server_names.find((each) => each !== '_') ?? 'localhost'
  return plain`
    server {
      listen 127.0.0.1:${vars.nginx_preview_port};
      server_name ~^(?<colour>blue|green)$;
      set $retry_after '';
      set $upstream_host ${name};
      set $forwarded_host ${name};
      set $upstream_proto https;

      ${locations(vars, { limited: false })}
      ${nowhere}
    }`
}

/** This host asks itself whether nginx answers; any other name on the preview port is a mistake. */
export function local(vars: NginxVars): string {
  return plain`
    server {
      listen 127.0.0.1:${vars.nginx_preview_port} default_server;
      ${health}
      location / { return 404; }
    }
    server {
      listen 127.0.0.1:${vars.nginx_http_port};
      ${health}
      location / { ${toHttps(vars)} }
    }`
}

export function redirect(vars: NginxVars): string {
  return plain`
    server {
      ${listen(vars, vars.nginx_http_port, 'default_server')}
      ${toHttps(vars)}
    }`
}

function toHttps({ nginx_https_port: port }: NginxVars): string {
  return `return 301 https://$host${port === 443 ? '' : `:${port}`}$request_uri;`
}

// `listen … http2` is what every nginx takes; since 1.25.1 it says that `http2 on` is preferred.
function listen(vars: NginxVars, port: number, options: string): string {
  const addresses = [`${port}`, ...(vars.nginx_ipv6 ? [`[::]:${port}`] : [])]
  return addresses.map((address) => `listen ${address} ${options};`).join('\n')
}
