import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { docker } from '../../../lib/lab/docker.ts'
import { ensureHostImage } from '../../../lib/lab/host-image.ts'

const container = 'quayside-lab-scale'
const port = 22023

/** What a host of the fleet is like, and how many are. */
const kinds = [
  ['good', 180],
  ['changed', 5],
  ['stalled', 2],
  ['silent', 3],
  ['refused', 5],
  ['black-holed', 5],
] as const

export type Kind = (typeof kinds)[number][0]

export interface Host {
  readonly name: string
  readonly kind: Kind
  readonly address: string
}

/** 200 loopback addresses: real sshd processes in one container, and what a network has for hosts that are not well. */
export interface ScaleFleet {
  readonly hosts: readonly Host[]
  /** a folder that --inventory takes */
  readonly inventory: string
  /** runs shell text where the hosts' files are */
  inside(text: string): Promise<string>
  close(): Promise<void>
}

export async function startFleet(): Promise<ScaleFleet> {
  const dir = mkdtempSync(join(tmpdir(), 'quayside-scale-'))
  const hosts = kinds
    .flatMap(([kind, count]) => Array.from({ length: count }, () => kind))
    // Dealt out like cards, so that those that are not well stand among the others.
    .map((kind, index) => ({ kind, at: (index * 7) % 200 }))
    .sort((a, b) => a.at - b.at)
    .map(({ kind }, index): Host => {
      return { name: `h${String(index + 1).padStart(3, '0')}`, kind, address: `127.3.0.${index + 1}` }
    })
  const of = (...wanted: readonly Kind[]) => hosts.filter(({ kind }) => wanted.includes(kind))
  for (const name of ['key', 'host-key', 'other-key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(dir, name)])
  await sshds(dir, of('good', 'changed'), of('stalled'))
  const silent = await Promise.all(of('silent').map(listenSilently))
  const hole = await blackHole(of('black-holed'))
  writeInventory(dir, hosts)
  const inside = (text: string) => docker(['exec', container, 'sh', '-c', text])
  return {
    hosts,
    inventory: dir,
    inside,
    async close() {
      hole.close()
      for (const each of silent) each.close()
      await docker(['rm', '--force', '--volumes', container])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** sshd listens on sixteen addresses at most, so it takes some processes, all in a container on this network. */
async function sshds(dir: string, hosts: readonly Host[], stalled: readonly Host[]): Promise<void> {
  const config = (of: readonly Host[], more = '') =>
    `${of.map(({ address }) => `ListenAddress ${address}:${port}\n`).join('')}PidFile none
HostKey /etc/scale/host-key
AuthorizedKeysFile /etc/scale/key.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
MaxStartups 500
PerSourcePenalties no
${more}`
  const configs = Array.from({ length: Math.ceil(hosts.length / 16) }, (_, index) =>
    config(hosts.slice(index * 16, index * 16 + 16)),
  )
  configs.push(config(stalled, 'ForceCommand exec cat >/dev/null\n'))
  const image = await ensureHostImage(() => {})
  await docker(['rm', '--force', '--volumes', container]).catch(() => {})
  await docker([
    'create',
    '--name',
    container,
    '--network',
    'host',
    '--init',
    image,
    'sh',
    '/etc/scale/start',
  ])
  for (const [index, text] of configs.entries()) writeFileSync(join(dir, `sshd-${index}`), text)
  const start = `mkdir -p /run/sshd\nfor each in /etc/scale/sshd-*; do /usr/sbin/sshd -e -f "$each"; done\nexec sleep 3600\n`
  writeFileSync(join(dir, 'start'), start)
  await docker(['cp', `${dir}/.`, `${container}:/etc/scale`])
  await docker(['start', container])
  await Promise.all([...hosts, ...stalled].map(({ address }) => banner(address)))
}

async function banner(host: string): Promise<void> {
  for (let tried = 0; tried < 1200; tried += 1) {
    const heard = await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port })
      socket.once('data', () => resolve(true)).once('error', () => resolve(false))
      socket.once('data', () => socket.destroy())
    })
    if (heard) return
    await sleep(100)
  }
  throw new Error(`no sshd answers at ${host}`)
}

/** Accepts connections, and never says a word. */
function listenSilently({ address }: Host): Promise<{ close(): void }> {
  const sockets = new Set<Socket>()
  return new Promise((resolve) => {
    const server: Server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}))
    }).listen(port, address, () =>
      resolve({
        close() {
          for (const socket of sockets) socket.destroy()
          server.close()
        },
      }),
    )
  })
}

/** Addresses where packets vanish: the queue of a listener that never accepts is full, and Linux drops what follows. */
async function blackHole(hosts: readonly Host[]): Promise<{ close(): void }> {
  const addresses = JSON.stringify(hosts.map(({ address }) => address))
  const listener: ChildProcess = spawn(
    process.execPath,
    [
      '-e',
      `Promise.all(${addresses}.map((host) => new Promise((done) =>
        require('node:net').createServer().listen({ host, port: ${port}, backlog: 1 }, done)))).then(() => {
          require('node:fs').writeSync(1, 'listening')
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
        })`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise((resolve) => listener.stdout?.once('data', resolve))
  const fillers = (await Promise.all(hosts.map(({ address }) => filled(address)))).flat()
  return {
    close() {
      listener.kill('SIGKILL')
      for (const socket of fillers) socket.destroy()
    },
  }
}

/** Connects until one is not let in any more: how long the queue is, is the runtime's affair (Bun's is always 512). */
async function filled(address: string): Promise<readonly Socket[]> {
  const fillers: Socket[] = []
  while (fillers.length < 2000) {
    const socket = connect({ host: address, port }).on('error', () => {})
    fillers.push(socket)
    const isIn = new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)))
    if (!(await Promise.race([isIn, sleep(500, false)]))) return fillers
  }
  throw new Error(`${address} lets everybody in`)
}

function writeInventory(dir: string, hosts: readonly Host[]): void {
  const known = (name: string) => readFileSync(join(dir, `${name}.pub`), 'utf8').trim()
  const [key, other] = [known('host-key'), known('other-key')]
  writeFileSync(
    join(dir, 'known_hosts'),
    hosts.map(({ address, kind }) => `[${address}]:${port} ${kind === 'changed' ? other : key}\n`).join(''),
  )
  // Those that are well have time, however busy this machine is; the others have little, so that the test is quick.
  const patience = (kind: Kind) => (kind === 'good' || kind === 'changed' ? 120 : kind === 'stalled' ? 25 : 4)
  const lines = hosts.map(
    ({ name, address, kind }) =>
      `        ${name}: { host: ${address}, connect_timeout: ${patience(kind)} }\n`,
  )
  writeFileSync(
    join(dir, 'hosts.yaml'),
    `all:
  vars:
    port: ${port}
    user: root
    identity_file: ${dir}/key
    known_hosts_file: ${dir}/known_hosts
  children:
    scale:
      hosts:
${lines.join('')}`,
  )
}
