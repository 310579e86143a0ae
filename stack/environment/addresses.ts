import { BlockList, isIP } from 'node:net'

const near = new BlockList()
near.addSubnet('127.0.0.0', 8, 'ipv4')
near.addAddress('::1', 'ipv6')

const own = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  // carrier-grade NAT, which overlay networks between hosts use
  ['100.64.0.0', 10],
] as const)
  own.addSubnet(network, prefix, 'ipv4')
own.addSubnet('fc00::', 7, 'ipv6')
own.addSubnet('fe80::', 10, 'ipv6')

/** Whether a host of a URL is this machine itself. */
export function isLoopback(host: string): boolean {
  const name = bare(host)
  return name === 'localhost' || name.endsWith('.localhost') || within(near, name)
}

/** Whether a host is reached without the internet: loopback, a private address, a name that no public DNS has. */
export function isPrivate(host: string): boolean {
  const name = bare(host)
  if (isLoopback(name) || within(own, name)) return true
  return isIP(name) === 0 && (!name.includes('.') || /\.(internal|local|lan|home\.arpa|test)$/.test(name))
}

/** The host of an address, or undefined where it is none. */
export function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? bare(new URL(url).hostname) : undefined
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, '')
}

function within(list: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
