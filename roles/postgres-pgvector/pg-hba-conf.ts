import { isIP } from 'node:net'
import { QuaysideError } from '../../lib/error.ts'

/**
 * Who may connect, and how they prove who they are; the first line that fits decides. Over the socket only the
 * container's own user, as postgres; over the network the listed clients by password, and never as postgres.
 */
export function pgHbaConf(clients: readonly string[], baseBackups = false): string {
  const rules = [
    ['local', 'all', 'postgres', '', 'peer'],
    // "all" is every database, and not what pg_basebackup connects to.
    ...(baseBackups ? [['local', 'replication', 'postgres', '', 'peer']] : []),
    ['local', 'all', 'all', '', 'reject'],
    ['host', 'all', 'all', '127.0.0.1/32', 'scram-sha-256'],
    ['host', 'all', 'postgres', 'all', 'reject'],
    ...[...new Set(clients)].sort().map((client) => ['host', 'all', 'all', network(client), 'scram-sha-256']),
    ['host', 'all', 'all', 'all', 'reject'],
  ]
  const widths = [5, baseBackups ? 11 : 3, 8, Math.max(...rules.map((rule) => rule[3]?.length ?? 0)), 0]
  return rules
    .map(
      (rule) =>
        `${rule
          .map((word, column) => word.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/**
 * A client as the file names it; an address alone is that one host, a host name is looked up by the server, both
 * ways. A server that starts with a wrong line ends at once, so none may be written.
 */
function network(client: string): string {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(client) ?? []
  const bits = { 4: 32, 6: 128 }[isIP(address)]
  if (bits !== undefined && Number(prefix ?? bits) <= bits) return `${address}/${prefix ?? bits}`
  if (bits === undefined && prefix === undefined && hostName.test(address)) return address
  throw new QuaysideError(`postgres_clients: ${JSON.stringify(client)} is no address, network or host name`)
}

// Digits alone would be read as an address.
const hostName = /^\.?([a-z0-9-]+\.)*[a-z0-9-]*[a-z][a-z0-9-]*$/i
