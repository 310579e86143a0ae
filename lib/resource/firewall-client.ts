import { isIP } from 'node:net'
import type { CheckedRule } from './firewall-rule.ts'
import type { Ruleset } from './firewall-ruleset.ts'
import { covers, type Network, networkText, readNetwork } from './ip-network.ts'
import { Conflict } from './resource.ts'

/** Whose connection a run comes through, as the host's sshd sees it. */
export interface Client {
  readonly address: Network
  /** of the host's sshd */
  readonly port: number
  /** from the host to itself: it goes by the loopback interface, which is never filtered */
  readonly local: boolean
}

/**
 * Reads SSH_CONNECTION: client's address and port, server's address and port. Undefined where there is none, or none by
 * an address (sshd says UNKNOWN then): a run that did not come over the network is not locked out by what is closed to it.
 */
export function readClient(connection: string | undefined): Client | undefined {
  const [from = '', , to = '', port] = (connection ?? '').split(' ')
  // A link-local address comes with its interface.
  const bare = from.replace(/%.*$/, '')
  if (isIP(bare) === 0) return undefined
  const address = readNetwork(bare)
  const loopback = [readNetwork('127.0.0.0/8'), readNetwork('::1')]
  return {
    address,
    port: Number(port),
    local: from === to || loopback.some((network) => covers(network, address)),
  }
}

/** Throws a Conflict where the rules would keep the next connection of this client out. */
export function refuseLockOut({ policy, allow, deny, sets }: Ruleset, client: Client): void {
  if (client.local) return
  const hits = (rule: CheckedRule) => isFor(rule, client, sets)
  const address = networkText(client.address)
  const whence = `${address}, from where this run reaches port ${client.port} of the host`
  if (deny.some(hits)) {
    throw new Conflict(`these rules deny ${whence}: you would be locked out`, {
      hint: `take it out of deny; or say lockOut: 'allow', if you have another way in`,
    })
  }
  if (policy === 'accept' || allow.some(hits)) return
  throw new Conflict(`no rule allows ${whence}: you would be locked out`, {
    hint: `add to allow: { tcp: [${client.port}], from: ['${address}'] }; or say lockOut: 'allow', if you have another way in`,
  })
}

function isFor({ protocol, ports, from }: CheckedRule, client: Client, sets: Ruleset['sets']): boolean {
  if (protocol !== 'tcp' || !ports.some(([first, last]) => first <= client.port && client.port <= last)) {
    return false
  }
  if (from === undefined) return true
  const networks = [...from.networks, ...from.sets.flatMap((name) => sets.get(name) ?? [])]
  return networks.some((network) => covers(network, client.address))
}
