import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressOf, port } from './address.ts'

/** A host of the benchmark: an sshd of its own, over a copy-on-write view of this machine's files. */
export interface BenchHost {
  readonly name: string
  readonly address: string
  readonly delayed: string
}

/** The hosts' files lie in a tmpfs on `dir`/hosts: nothing that a playbook does reaches the machine. */
export interface Hosts {
  readonly list: readonly BenchHost[]
  readonly key: string
  readonly knownHosts: string
  /** starts the first `count` hosts; with `fresh` none of the workload is in place */
  start(count: number, fresh: boolean): Promise<void>
  /** makes what the only running host has become the state that hosts are started with */
  keep(): void
  stop(): Promise<void>
}

/** Makes keys and configurations for so many hosts; needs root, for the mounts. */
export function makeHosts(dir: string, count: number): Hosts {
  const key = join(dir, 'id_ed25519')
  const hostKey = join(dir, 'host_key')
  for (const file of [key, hostKey])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file])
  const list = Array.from({ length: count }, (_, index): BenchHost => {
    const [address, delayed] = [addressOf(index, 'direct'), addressOf(index, 'delayed')]
    return { name: `bench-${index + 1}`, address, delayed }
  })
  const publicHostKey = readFileSync(`${hostKey}.pub`, 'utf8').trim()
  const knownHosts = join(dir, 'known_hosts')
  writeFileSync(
    knownHosts,
    list
      .flatMap(({ address, delayed }) => [`[${address}]:${port}`, `[${delayed}]:${port}`])
      .map((name) => `${name} ${publicHostKey}\n`)
      .join(''),
  )
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(`${key}.pub`))
  for (const host of list) writeFileSync(join(dir, `${host.name}.conf`), sshdConfig(dir, host))
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  mkdirSync(join(dir, 'hosts'))
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(dir, 'hosts')])
  mkdirSync(join(dir, 'hosts/placed'))

  let running: { host: BenchHost; child: ChildProcess; ended: Promise<void> }[] = []
  let generation = 0
  return {
    list,
    key,
    knownHosts,
    async start(wanted, fresh) {
      generation += 1
      running = list.slice(0, wanted).map((host) => {
        const own = join(dir, 'hosts', `${generation}-${host.name}`)
        for (const part of ['upper', 'work', 'root']) mkdirSync(join(own, part), { recursive: true })
        const lower = fresh ? '/' : `${join(dir, 'hosts/placed')}:/`
        // Should the benchmark be killed, its hosts end with it.
        const child = spawn(
          'setpriv',
          [
            ...['--pdeathsig', 'TERM', 'unshare', '-m', 'sh', '-c', machine],
            ...['sh', own, lower, join(dir, `${host.name}.conf`)],
          ],
          { stdio: ['ignore', 'ignore', 'inherit'] },
        )
        return {
          host,
          child,
          ended: new Promise<void>((resolve) => child.once('close', () => resolve())),
        }
      })
      await Promise.all(running.map(({ host }) => answering(host)))
    },
    keep() {
      const own = join(dir, 'hosts', `${generation}-${running[0]?.host.name}`)
      execFileSync('cp', ['-a', `${own}/upper/.`, join(dir, 'hosts/placed')])
    },
    async stop() {
      for (const { child } of running) child.kill()
      await Promise.all(running.map(({ ended }) => ended))
      for (const { host } of running)
        execFileSync('rm', ['-rf', join(dir, 'hosts', `${generation}-${host.name}`)])
      running = []
    },
  }
}

/** A mount namespace whose root is an overlay of the machine's; what is written stays in it. */
const machine = `
set -e
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
for each in proc sys dev; do mount --rbind /$each "$1/root/$each"; done
mkdir -p "$1/root/run/sshd"
# bash reads it at each login, and what this machine's user has there is no part of anyone's work.
: >"$1/root/root/.bashrc"
exec chroot "$1/root" /usr/sbin/sshd -D -e -f "$3"
`

function sshdConfig(dir: string, { address }: BenchHost): string {
  return `ListenAddress ${address}:${port}
HostKey ${dir}/host_key
AuthorizedKeysFile ${dir}/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 500
MaxSessions 100
PrintMotd no
LogLevel FATAL
Subsystem sftp internal-sftp
`
}

async function answering({ address, name }: BenchHost): Promise<void> {
  for (let tried = 0; tried < 200; tried += 1) {
    const heard = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port })
      socket.once('data', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.setTimeout(2000, () => resolve(false))
      socket.once('data', () => socket.destroy())
    })
    if (heard) return
    await sleep(50)
  }
  throw new Error(`${name}: sshd does not answer at ${address}`)
}
