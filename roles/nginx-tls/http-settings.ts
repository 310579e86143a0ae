import { plain } from '../../lib/secret/index.ts'
import { assetCache } from './asset-cache.ts'
import { type HeaderVars, securityHeaders } from './headers.ts'
import { alternative } from './http3.ts'
import { type RateVars, rateZones } from './locations.ts'
import type { NginxVars } from './schema.ts'

type Own =
  | 'nginx_trusted_proxies'
  | 'nginx_max_body_size'
  | 'nginx_read_timeout_seconds'
  | 'nginx_cache_mb'
  | 'nginx_http3'
  | 'nginx_https_port'

/** What the settings depend on: of the role's variables, and of the apps their names and routes. */
export type HttpVars = Pick<NginxVars, Own> & HeaderVars & RateVars

/** The settings that all servers share. */
export function httpSettings(vars: HttpVars): string {
  return [
    logging,
    colours,
    temporaryFiles,
    client(vars),
    compression,
    proxying(vars),
    assetCache(vars.nginx_cache_mb),
    tls,
    rateLimits(vars),
    securityHeaders(vars),
    vars.nginx_http3 ? alternative(vars.nginx_https_port) : '',
  ]
    .filter(Boolean)
    .join('\n\n')
}

// The path is logged without its query, where tokens are found; a request that ends early has no colour.
const logging = plain`
  log_format json escape=json '{"time":"$time_iso8601","request_id":"$trace_id","client":"$remote_addr",'
    '"method":"$request_method","host":"$host","path":"$uri","protocol":"$server_protocol",'
    '"status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"colour":"$colour",'
    '"upstream":"$upstream_addr","upstream_status":"$upstream_status",'
    '"upstream_seconds":"$upstream_response_time","cache":"$upstream_cache_status","agent":"$http_user_agent"}';
  access_log /dev/stdout json;
  uninitialized_variable_warn off;
  map $http_x_request_id $trace_id {
    default $request_id;
    '~^[A-Za-z0-9._-]{8,128}$' $http_x_request_id;
  }`

// For the files of a page that was loaded before a flip.
const colours = 'map $colour $other_colour { default green; green blue; }'

// All of them in a tmpfs: the image's file system is read-only, and images differ in where they would be.
export const temporaryFiles = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((name) => `${name}_temp_path /tmp/${name};`)
  .join('\n')

function client(vars: HttpVars): string {
  const proxies = vars.nginx_trusted_proxies.map((address) => `set_real_ip_from ${address};`)
  const real = ['real_ip_header X-Forwarded-For;', 'real_ip_recursive on;']
  return [
    'default_type text/html;',
    'server_tokens off;',
    'tcp_nodelay on;',
    'keepalive_timeout 75s;',
    'keepalive_requests 100000;',
    'client_header_timeout 15s;',
    'client_body_timeout 30s;',
    'send_timeout 30s;',
    'large_client_header_buffers 4 16k;',
    `client_max_body_size ${vars.nginx_max_body_size};`,
    ...(proxies.length > 0 ? [...proxies, ...real] : []),
  ].join('\n')
}

const compression = plain`
  gzip on;
  gzip_vary on;
  gzip_proxied any;
  gzip_comp_level 5;
  gzip_min_length 1024;
  gzip_types application/javascript application/json application/manifest+json application/wasm application/xml
    image/svg+xml text/css text/javascript text/plain text/x-component text/xml;`

function proxying(vars: HttpVars): string {
  return plain`
    # By HTTP/3 there is no Host, which nginx 1.26 makes up for in $host alone.
    map $http_host $asked_host {
      default $http_host;
      '' $host;
    }
    map $http_upgrade $connection_upgrade {
      default upgrade;
      '' '';
    }
    proxy_http_version 1.1;
    proxy_set_header Host $upstream_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $forwarded_host;
    proxy_set_header X-Forwarded-Proto $upstream_proto;
    proxy_set_header X-Request-Id $trace_id;
    proxy_connect_timeout 2s;
    proxy_send_timeout ${vars.nginx_read_timeout_seconds}s;
    proxy_read_timeout ${vars.nginx_read_timeout_seconds}s;
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 3;
    proxy_next_upstream_timeout 10s;
    proxy_buffer_size 16k;
    proxy_buffers 8 16k;
    proxy_max_temp_file_size 0;`
}

// Mozilla's "intermediate" set without DHE.
const tls = plain`
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
  ssl_prefer_server_ciphers off;
  ssl_session_cache shared:tls:10m;
  ssl_session_timeout 1d;
  ssl_session_tickets off;`

function rateLimits(vars: RateVars): string {
  const zones = rateZones(vars)
  return zones === '' ? '' : `${zones}\nlimit_req_status 429;\nlimit_req_log_level info;`
}
