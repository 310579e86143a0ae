import { plain } from '../../lib/secret/index.ts'
import { httpSettings } from './http-settings.ts'
import type { NginxVars } from './schema.ts'
import { local, preview, redirect, site } from './servers.ts'
import { upstreams } from './upstreams.ts'

/** The whole configuration of an edge, in one file. `addresses` are the app hosts' private ones. */
export function nginxConf(vars: NginxVars, addresses: readonly string[]): string {
  return plain`
    user nginx;
    daemon off;
    pid /run/nginx.pid;
    error_log stderr error;
    worker_processes auto;
    worker_rlimit_nofile 16384;
    worker_shutdown_timeout ${vars.nginx_shutdown_seconds}s;

    events {
      worker_connections 4096;
    }

    http {
      ${httpSettings(vars)}

      ${upstreams(vars.apps, addresses, vars.nginx_upstream_keepalive_seconds)}

      ${site(vars)}

      ${preview(vars)}

      ${local(vars)}

      ${redirect(vars)}
    }
  `
}
