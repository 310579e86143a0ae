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
    const places = (to: Name) => [to, ...(addresses.get(to) ?? [])].map((host) => `${host}:${ports[to]}`)
    const wrong = await Promise.all(
      names.map(async (from) => {
        const others = names.filter((to) => to !== from)
        const { text } = await stack.inside(from, dial(from, others.flatMap(places)))
        const reached = new Set(text.split('\n'))
        return others.flatMap((to) => {
          const may = allowed[from].includes(to)
          if (places(to).some((place) => reached.has(place)) === may) return []
          return [`${from} ${may ? 'does not reach' : 'reaches'} ${to}`]
        })
      }),
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

/** A command that prints those of the places that take a connection within a second, in what each image has. */
function dial(from: Name, places: readonly string[]): readonly string[] {
  switch (from) {
    case 'api':
      return ['python', '-c', byPython, ...places]
    case 'web':
      return ['node', '-e', byNode, ...places]
    default:
      return ['sh', '-c', byShell, 'sh', ...places]
  }
}

const byPython = `import socket, sys
for place in sys.argv[1:]:
    host, port = place.split(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
        print(place)
    except OSError:
        pass`

const byNode = `const { connect } = require('node:net')
for (const place of process.argv.slice(1)) {
  const [host, port] = place.split(':')
  const socket = connect({ host, port }).setTimeout(1000)
  socket.on('connect', () => { console.log(place); socket.destroy() })
  socket.on('timeout', () => socket.destroy()).on('error', () => {})
}`

// Debian's images have bash, Alpine's have nc.
const byShell = `for place; do
  host=\${place%:*} port=\${place#*:}
  if command -v bash >/dev/null; then timeout 1 bash -c "exec 3<>/dev/tcp/$host/$port"; else nc -z -w 1 "$host" "$port"; fi 2>/dev/null &&
    echo "$place"
done
true`
