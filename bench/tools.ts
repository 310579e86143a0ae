import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { port } from './address.ts'
import type { BenchHost, Hosts } from './hosts.ts'
import type { Command } from './measure.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const site = join(root, 'bench/reference/site.ts')

/** Where a run's hosts are: so many of them, directly or through the proxy. */
export interface Place {
  readonly dir: string
  readonly hosts: Hosts
  readonly count: number
  readonly way: 'direct' | 'delayed'
}

/** What is measured. */
export interface Tool {
  readonly name: string
  command(place: Place): Command
  /** Lets go of what a run leaves behind to make the next one quicker: connections, facts, compiled code. */
  cool(place: Place): void
  /** Throws when the run was not what it was meant to be. */
  judge(stdout: string, count: number, first: boolean): void
  /** so many hosts and no more, unless told with --full */
  readonly upTo: number
  /** its run changes nothing on a fresh host, so that it has no first run */
  readonly looksOnly?: boolean
}

/** Our playbook by one of the ways to start it. */
function ours(name: string, start: readonly string[]): Tool {
  return {
    name,
    upTo: 200,
    command: (place) => ({
      argv: [...start, site, '--env', 'bench', '--inventory', inventory(place)],
      env: { XDG_STATE_HOME: join(place.dir, 'state') },
    }),
    cool: () => rmSync(join(root, 'node_modules/.cache/quayside'), { recursive: true, force: true }),
    judge: (stdout, count, first) => {
      // A row for each host, or the totals where there are many.
      const rows = stdout.matchAll(/^ {2}(?:bench-\d+|\d+ hosts) +\d+ +(\d+) +0 +(?:(\d+) )?ok$/gm)
      const ended = [...rows].map(([, changed, hosts]) => ({
        changed: Number(changed),
        hosts: Number(hosts ?? 1),
      }))
      const sum = (of: 'changed' | 'hosts') => ended.reduce((so, row) => so + row[of], 0)
      if (sum('hosts') !== count || sum('changed') !== (first ? 21 * count : 0)) throw new Error(stdout)
    },
  }
}

function ansible(name: string, lines: readonly string[], upTo: number): Tool {
  const own = (place: Place) => join(place.dir, name)
  return {
    name,
    upTo,
    command: (place) => {
      const config = join(own(place), 'ansible.cfg')
      mkdirSync(join(own(place), 'control'), { recursive: true })
      writeFileSync(config, ansibleConfig(place, own(place), lines))
      const hosts = join(own(place), `hosts-${place.way}-${place.count}`)
      writeFileSync(
        hosts,
        chosen(place)
          .map((host) => `${host.name} ansible_host=${address(host, place)}\n`)
          .join(''),
      )
      const playbook = join(root, 'bench/reference/ansible.yml')
      return {
        argv: ['ansible-playbook', '-i', hosts, playbook],
        env: { ANSIBLE_CONFIG: config, ANSIBLE_HOME: own(place) },
      }
    },
    cool: (place) => {
      rmSync(join(own(place), 'facts'), { recursive: true, force: true })
      for (const path of controlSockets(own(place)))
        execFileSync('ssh', ['-o', `ControlPath=${path}`, '-O', 'exit', 'any'], { stdio: 'ignore' })
    },
    judge: (stdout, count, first) => {
      const good = [...stdout.matchAll(/^bench-\d+ +: ok=(\d+) +changed=(\d+) .*unreachable=0 +failed=0/gm)]
      const right = first
        ? (row: RegExpMatchArray) => row[2] !== '0'
        : (row: RegExpMatchArray) => row[2] === '0'
      if (good.length !== count || !good.every(right)) throw new Error(stdout.slice(-3000))
    },
  }
}

function controlSockets(own: string): string[] {
  const folder = join(own, 'control')
  if (!existsSync(folder)) return []
  return execFileSync('find', [folder, '-type', 's'], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

/** Ansible as its own documentation makes it quick: pipelining, 50 forks, kept connections, facts cached in files. */
function ansibleConfig({ hosts }: Place, own: string, lines: readonly string[]): string {
  return `[defaults]
forks = 50
gathering = smart
fact_caching = jsonfile
fact_caching_connection = ${own}/facts
fact_caching_timeout = 86400
private_key_file = ${hosts.key}
remote_user = root
remote_port = ${port}
interpreter_python = /usr/bin/python3
host_key_checking = True
retry_files_enabled = False
nocows = True
${lines.join('\n')}
[ssh_connection]
pipelining = True
ssh_args = -C -o ControlMaster=auto -o ControlPersist=600s -o UserKnownHostsFile=${hosts.knownHosts} -o IdentitiesOnly=yes
control_path = ${own}/control/%%C
`
}

const bun =
  process.env.BUN ?? ['/usr/local/bin/bun', join(process.env.HOME ?? '', '.bun/bin/bun')].find(existsSync)

/** The floor: one ssh a host, fifty at a time, with one script that asks for all that the playbook asks for. */
function floor(script: string): Tool {
  return {
    name: 'xargs -P50 ssh',
    upTo: 200,
    looksOnly: true,
    command: (place) => {
      const file = join(place.dir, 'probe.sh')
      writeFileSync(file, script)
      const login = `-p ${port} -i ${place.hosts.key} -o IdentitiesOnly=yes -o UserKnownHostsFile=${place.hosts.knownHosts}`
      return {
        argv: ['xargs', '-P50', '-I{}', 'sh', '-c', `exec ssh ${login} root@{} sh <${file}`],
        input: chosen(place)
          .map((host) => `${address(host, place)}\n`)
          .join(''),
      }
    },
    cool: () => {},
    judge: (stdout, count) => {
      if (stdout.split('initialise').length < 0 || stdout.length < 500 * count) throw new Error(stdout)
    },
  }
}

/** All that can be measured here; `script` is every probe of the workload. */
export function toolsHere(script: string): readonly Tool[] {
  const strategy = '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy'
  return [
    floor(script),
    ours('quayside, ./zx', [join(root, 'zx')]),
    ours('quayside, npx zx', ['npx', 'zx']),
    ...(bun === undefined ? [] : [ours('quayside, bun', [bun, 'run'])]),
    ...(existsSync('/usr/bin/ansible-playbook') ? [ansible('ansible', [], 10)] : []),
    ...(existsSync(strategy)
      ? [ansible('ansible + mitogen', [`strategy_plugins = ${strategy}`, 'strategy = mitogen_linear'], 10)]
      : []),
  ]
}

function chosen({ hosts, count }: Place): readonly BenchHost[] {
  return hosts.list.slice(0, count)
}

function address(host: BenchHost, { way }: Place): string {
  return way === 'direct' ? host.address : host.delayed
}

/** Our inventory of a place; gives its folder. */
function inventory(place: Place): string {
  const folder = join(place.dir, `inventory-${place.way}-${place.count}`)
  mkdirSync(folder, { recursive: true })
  const lines = chosen(place).map((host) => `        ${host.name}: { host: ${address(host, place)} }\n`)
  writeFileSync(
    join(folder, 'hosts.yaml'),
    `all:
  vars:
    port: ${port}
    user: root
    identity_file: ${place.hosts.key}
    known_hosts_file: ${place.hosts.knownHosts}
    connect_timeout: 60
  children:
    bench:
      hosts:
${lines.join('')}`,
  )
  return folder
}
