import { isIP } from 'node:net'
import { QuaysideError } from '../lib/error.ts'
import type { Host } from '../lib/inventory/inventory.ts'

/** The private address of a host that publishes ports on it, which docker takes as an IP address only. */
export function privateIp(host: Host): string {
  if (isIP(host.privateAddress) !== 0) return host.privateAddress
  throw new QuaysideError(`${host.name}: a port is published on ${host.privateAddress}, which is a name`, {
    hint: `give ${host.name} a private_address in hosts.yaml: an IP address of one of its interfaces`,
  })
}
