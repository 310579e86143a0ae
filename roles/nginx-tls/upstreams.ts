import { isIPv6 } from 'node:net'
import { colours } from '../../lib/deploy/colour.ts'
import { plain } from '../../lib/secret/index.ts'
import type { App } from '../app/schema.ts'

/** Every app's containers, by colour: `api_blue`, `api_green`. Both always stand, so that a flip needs no reload. */
export function upstreams(apps: readonly App[], addresses: readonly string[], keepalive: number): string {
  const blocks = apps.flatMap((app) =>
    colours.map((colour) => {
      const ports = Array.from({ length: app.replicas }, (_, replica) => app.ports[colour] + replica)
      const servers = addresses.flatMap((address) => ports.map((port) => server(address, port)))
      return plain`
        upstream ${app.name}_${colour} {
          ${servers.join('\n')}
          keepalive 32;
          keepalive_requests 100000;
          keepalive_timeout ${keepalive}s;
        }`
    }),
  )
  return blocks.join('\n\n')
}

// A short fail_timeout, because a preview of a colour that still starts must not shut it out after the flip.
function server(address: string, port: number): string {
  return `server ${isIPv6(address) ? `[${address}]` : address}:${port} max_fails=3 fail_timeout=2s;`
}
