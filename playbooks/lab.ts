import { spawnSync } from 'node:child_process'
import { UsageError } from '../lib/error.ts'
import { nearest } from '../lib/inventory/nearest.ts'
import type { LabHost } from '../lib/lab/index.ts'
import { type LabName, labs } from '../lib/lab/topology.ts'
import { program } from '../lib/playbook/index.ts'

const actions = ['up', 'down', 'status', 'ssh', 'reset'] as const

const labNames: readonly LabName[] = ['lab', 'lab-swarm']
const hostsOf = (lab: LabName) => labs[lab].hosts.map(({ name }) => name)

await program(import.meta, {
  about:
    'Real hosts on this machine: five with systemd and sshd, four for a swarm, an image registry and an object store',
  arguments: 'up|down|status|ssh HOST [COMMAND…]|reset',
  example: 'npx zx playbooks/lab.ts ssh edge-1',
  flags: {
    fresh: { about: 'with up: make the hosts anew, and empty' },
    swarm: { about: 'with up, down, reset: the hosts of lab-swarm, and no others' },
  },
  async run({ args, print }) {
    const [word, ...rest] = args.positionals
    const action = actions.find((each) => each === word)
    if (action === undefined) throw unknownAction(word)
    if (action !== 'ssh' && rest.length > 0) throw new UsageError(`lab.ts ${action} takes no "${rest[0]}"`)
    const swarm = args.has('swarm')
    const lab = await import('../lib/lab/index.ts')
    switch (action) {
      case 'up': {
        const { hosts } = await lab.labUp({
          log: print,
          lab: swarm ? 'lab-swarm' : 'lab',
          fresh: args.has('fresh'),
        })
        for (const { name, port, address } of hosts) print(`${name.padEnd(8)} 127.0.0.1:${port}  ${address}`)
        return 0
      }
      case 'down':
        await lab.labDown({ log: print, ...(swarm ? { lab: 'lab-swarm' } : {}) })
        return 0
      case 'reset':
        await (swarm ? lab.swarmReset({ log: print }) : lab.labReset({ log: print }))
        return 0
      case 'status':
        for (const { name, state, port, address } of await lab.labStatus())
          print(
            `${name.padEnd(8)} ${state.padEnd(8)} ${(port === undefined ? '' : `127.0.0.1:${port}`).padEnd(16)} ${address}`,
          )
        return 0
      case 'ssh': {
        const host = chosen(rest[0])
        const { hosts, key, knownHosts, user } = await lab.labUp({ log: print, lab: labOf(host) })
        return login(hosts, host, { key, knownHosts, user }, rest.slice(1))
      }
    }
  },
})

function unknownAction(word: string | undefined): UsageError {
  if (word === undefined) return new UsageError('what shall the lab do?', actions.join(', '))
  const near = nearest(word, actions)
  return new UsageError(
    `the lab has no "${word}"`,
    near === undefined ? actions.join(', ') : `did you mean ${near}?`,
  )
}

function chosen(name: string | undefined): string {
  const all = labNames.flatMap(hostsOf)
  if (name === undefined || !all.includes(name))
    throw new UsageError(`which host? "${name ?? ''}" is none`, all.join(', '))
  return name
}

function labOf(host: string): LabName {
  return labNames.find((lab) => hostsOf(lab).includes(host)) ?? 'lab'
}

function login(
  hosts: readonly LabHost[],
  name: string,
  how: { key: string; knownHosts: string; user: string },
  command: readonly string[],
): number {
  const port = hosts.find((each) => each.name === name)?.port
  const options = ['-i', how.key, '-o', `UserKnownHostsFile=${how.knownHosts}`, '-o', 'IdentitiesOnly=yes']
  const words = [...options, '-p', String(port), `${how.user}@127.0.0.1`, ...command]
  return spawnSync('ssh', words, { stdio: 'inherit' }).status ?? 1
}
