import { type Check, demand, type Running } from '../../lib/stack/check.ts'

const ports = { api: 8000, nginx: 8443, postgres: 5432, redis: 6379, web: 3000 } as const
type Name = keyof typeof ports
const names = Object.keys(ports) as readonly Name[]

/** Who may reach whom: what shares a network in stack/networks.ts. */
const allowed: Readonly<Record<Name, readonly Name[]>> = {
  nginx: ['web', 'api'],
  web: ['nginx', 'api'],
  api: ['nginx', 'web', 'postgres', 'redis'],
  postgres: ['api', 'redis'],
  redis: ['api', 'postgres'],
}

/** From inside each, to each, by its name and by every address that it has: names alone would prove little. */
export const tiers: Check = {
  name: 'tiers',
  async run(stack) {
    const addresses = new Map(
      await Promise.all(names.map(async (name) => [name, await addressesOf(stack, name)] as const)),
    )
    const wrong = await Promise.all(
      names.flatMap((from) =>
        names
          .filter((to) => to !== from)
          .map(async (to) => {
            const places = [to, ...(addresses.get(to) ?? [])]
            const reached = await Promise.all(places.map((place) => reaches(stack, from, place, ports[to])))
            const may = allowed[from].includes(to)
            if (reached.some(Boolean) === may) return []
            return [`${from} ${may ? 'does not reach' : 'reaches'} ${to}`]
          }),
      ),
    )
    demand(wrong.flat().length === 0, wrong.flat().join(', '))
    return 'each reaches what it must, and no more'
  },
}

async function addressesOf(stack: Running, name: Name): Promise<readonly string[]> {
  const { text } = await stack.inside(name, ['sh', '-c', 'cat /proc/net/fib_trie'])
  return localAddresses(text)
}

/** Addresses that are a machine's own, in /proc/net/fib_trie: below each stands "/32 host LOCAL". */
export function localAddresses(text: string): readonly string[] {
  const found = [...text.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address)
  return [...new Set(found)].filter((address) => !address.startsWith('127.'))
}

/** Whether a connection opens within two seconds, in what each image has to open one with. */
async function reaches(stack: Running, from: Name, host: string, port: number): Promise<boolean> {
  return (await stack.inside(from, dial(from, host, port))).ok
}

function dial(from: Name, host: string, port: number): readonly string[] {
  switch (from) {
    case 'api':
      return ['python', '-c', `import socket; socket.create_connection(("${host}", ${port}), 2)`]
    case 'web':
      return ['node', '-e', byNode(host, port)]
    default:
      // Debian's images have bash, Alpine's have nc.
      return [
        'sh',
        '-c',
        `if command -v bash >/dev/null; then timeout 2 bash -c 'exec 3<>/dev/tcp/${host}/${port}'; else nc -z -w 2 ${host} ${port}; fi`,
      ]
  }
}

function byNode(host: string, port: number): string {
  return `const s = require('net').connect(${port}, '${host}').setTimeout(2000)
s.on('connect', () => process.exit(0)).on('error', () => process.exit(1)).on('timeout', () => process.exit(1))`
}
