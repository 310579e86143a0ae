import type { X509Certificate } from 'node:crypto'
import {
  type Check,
  certificateCheck,
  containersCheck,
  type Deployed,
  redirectCheck,
  servedRelease,
  webCheck,
} from '../../lib/health/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import type { NginxVars } from './schema.ts'

/** nginx through its layers on an edge, and every app through nginx: as a client asks, from the edge itself. */
export function nginxChecks(
  host: Host,
  roots: readonly X509Certificate[],
  deployed: Deployed,
): readonly Check[] {
  const vars = host.vars as unknown as NginxVars
  const { nginx_http_port: http, nginx_https_port: https, nginx_server_names: names } = vars
  const name = names.find((each) => /^[A-Za-z0-9]/.test(each)) ?? 'localhost'
  return [
    containersCheck(host, [{ name: 'nginx', service: 'nginx', image: vars.nginx_image }]),
    webCheck({
      host,
      service: 'nginx',
      layer: 'query',
      url: `http://127.0.0.1:${http}/nginx-health`,
      what: '/nginx-health',
    }),
    // On 127.0.0.1 itself nginx has a server of its own; any other address of the loopback gets what clients get.
    redirectCheck({
      host,
      service: 'nginx',
      layer: 'https',
      url: `http://${name}:${http}/`,
      options: ['--resolve', `${name}:${http}:127.0.0.2`],
      what: `http on port ${http}`,
    }),
    certificateCheck({ host, port: https, names, roots }),
    ...throughNginx(host, name, vars, deployed),
  ]
}

function throughNginx(host: Host, name: string, vars: NginxVars, deployed: Deployed): readonly Check[] {
  const port = vars.nginx_https_port
  const any = [...deployed.held.values()].some((held) => Object.keys(held).length > 0)
  // Before the first deploy there is nobody whom nginx could ask.
  if (!any && deployed.held.size > 0) return []
  const release = servedRelease(deployed)?.id
  return vars.apps.flatMap((app) =>
    [...new Set([...app.smoke, ...(app.version === undefined ? [] : [app.version])])].map((path) =>
      webCheck({
        host,
        service: app.name,
        layer: 'https',
        url: `https://${name}:${port}${path}`,
        // -k: the certificate is a check of its own, and what is asked here is whether the app answers.
        options: ['-k', '--resolve', `${name}:${port}:127.0.0.1`],
        what: path,
        release: path === app.version ? release : undefined,
      }),
    ),
  )
}
