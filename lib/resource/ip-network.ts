import { isIP } from 'node:net'

/** A network of IP addresses; an address by itself is one of all its bits, 32 or 128. */
export interface Network {
  readonly family: 4 | 6
  readonly address: bigint
  readonly prefix: number
}

/** Reads "10.0.0.0/8", "2001:db8::/32" or an address alone. Throws a TypeError, also where bits stand beyond the prefix. */
export function readNetwork(text: string, what = 'network'): Network {
  const [address = '', prefixText, ...rest] = String(text).split('/')
  const family = address.includes('%') ? 0 : isIP(address)
  const most = family === 4 ? 32 : 128
  const prefix = prefixText === undefined ? most : Number(prefixText)
  const good =
    rest.length === 0 &&
    (prefixText === undefined || /^(?:0|[1-9]\d{0,2})$/.test(prefixText)) &&
    prefix <= most
  if ((family !== 4 && family !== 6) || !good) {
    throw new TypeError(
      `${what} must be an IP address or a network like 10.0.0.0/8 or 2001:db8::/32: ${JSON.stringify(text)}`,
    )
  }
  const given = family === 4 ? bitsOf(address.split('.'), 8, 10) : bitsOf(groupsOf(address), 16, 16)
  const beyond = BigInt(most - prefix)
  const network: Network = { family, address: (given >> beyond) << beyond, prefix }
  if (network.address === given) return network
  throw new TypeError(
    `${what} has bits beyond its prefix: ${text} (the network is ${networkText(network)}, the address alone ${address})`,
  )
}

/** As nft and people write it; a network of one address without a prefix. */
export function networkText({ family, address, prefix }: Network): string {
  const most = family === 4 ? 32 : 128
  const text = family === 4 ? parts(address, 4, 8).join('.') : compressed(parts(address, 8, 16))
  return prefix === most ? text : `${text}/${prefix}`
}

/** Whether every address of the second is one of the first. */
export function covers(outer: Network, inner: Network): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false
  const beyond = BigInt((outer.family === 4 ? 32 : 128) - outer.prefix)
  return outer.address >> beyond === inner.address >> beyond
}

/** The same addresses, each network once and none within another, which nft takes for a conflict; in order. */
export function withoutOverlaps(networks: readonly Network[]): readonly Network[] {
  const kept = networks.filter(
    (each, at) =>
      !networks.some((other, index) => {
        if (index === at || !covers(other, each)) return false
        return other.prefix < each.prefix || index < at
      }),
  )
  return kept.sort((a, b) => a.family - b.family || (a.address < b.address ? -1 : 1))
}

function bitsOf(pieces: readonly string[], width: number, radix: number): bigint {
  return pieces.reduce((sum, piece) => (sum << BigInt(width)) | BigInt(Number.parseInt(piece, radix)), 0n)
}

/** The eight groups of an IPv6 address, whose last two may be written as an IPv4 address. */
function groupsOf(address: string): readonly string[] {
  const last = /[\d.]+$/.exec(address)?.[0] ?? ''
  const plain = last.includes('.')
    ? address.slice(0, -last.length) +
      parts(bitsOf(last.split('.'), 8, 10), 2, 16)
        .map((group) => group.toString(16))
        .join(':')
    : address
  const [head = '', tail] = plain.split('::')
  const groups = (text: string) => text.split(':').filter(Boolean)
  if (tail === undefined) return groups(head)
  const [before, after] = [groups(head), groups(tail)]
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after]
}

function parts(address: bigint, count: number, width: number): number[] {
  const mask = (1n << BigInt(width)) - 1n
  return Array.from({ length: count }, (_, at) =>
    Number((address >> BigInt((count - 1 - at) * width)) & mask),
  )
}

/** RFC 5952: the longest run of zeros becomes "::". */
function compressed(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(':')
  const [longest] = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  if (longest === undefined) return text
  const { index, 0: zeros } = longest
  return `${text.slice(0, index)}::${text.slice(index + zeros.length)}`.replace(/:{3,}/, '::')
}
