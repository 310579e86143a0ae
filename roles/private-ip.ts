import { isIP } from 'node:net'
import { QuaysideError } from '../lib/error.ts'
import type { Host } from '../lib/inventory/inventory.ts'

/** The private address of a host, where it must be an IP address: docker publishes ports on nothing else. */
export function privateIp(host: Host, what = 'a port is published on'): string {
  if (isIP(host.privateAddress) !== 0) return host.privateAddress
  throw new QuaysideError(`${host.name}: ${what} ${host.privateAddress}, which is a name`, {
    hint: `give ${host.name} a private_address in hosts.yaml: an IP address of one of its interfaces`,
  })
}
