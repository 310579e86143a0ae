import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError, run } from '../command.ts'
import { messageOf, QuaysideError } from '../error.ts'
import { docker, dockerLines } from './docker.ts'
import type { HostKeys } from './keys.ts'
import type { Access } from './state.ts'
import {
  containerOf,
  everyMachine,
  type Machine,
  names,
  network,
  publishedPort,
  volumesOf,
} from './topology.ts'

/** What docker says of a machine's container. */
export interface Container {
  /** docker's word: running, exited, created, paused, … */
  readonly state: string
  readonly image: string
}

/** The containers of every machine by its name; a machine without one is missing here. */
export async function containers(): Promise<ReadonlyMap<string, Container>> {
  const format = '{{.Names}}\t{{.State}}\t{{.Image}}'
  const lines = await dockerLines(['ps', '--all', '--filter', `label=${network.name}`, '--format', format])
  const found = new Map<string, Container>()
  for (const line of lines) {
    const [container, state = '', image = ''] = line.split('\t')
    const machine = everyMachine.find(({ name }) => containerOf(name) === container)
    if (machine) found.set(machine.name, { state, image })
  }
  return found
}

/** Makes the network that the machines share. */
export async function ensureNetwork(): Promise<void> {
  const known = await dockerLines(['network', 'ls', '--quiet', '--filter', `name=^${network.name}$`])
  if (known.length === 0) await docker(['network', 'create', '--subnet', network.subnet, network.name])
}

/** Creates and starts a machine. */
export async function createMachine(machine: Machine, image: string): Promise<void> {
  const published = Object.entries(machine.ports).map(([inside, outside]) => `127.0.0.1:${outside}:${inside}`)
  const volumes = [...volumesOf(machine.name)].map(([volume, path]) => `${volume}:${path}`)
  const known = [...names]
    .filter(([name]) => name !== machine.name)
    .map(([name, address]) => `${name}:${address}`)
  await docker([
    'run',
    '--detach',
    ...['--name', containerOf(machine.name), '--hostname', machine.name, '--label', network.name],
    ...['--network', network.name, '--ip', machine.address],
    ...published.flatMap((port) => ['--publish', port]),
    ...volumes.flatMap((volume) => ['--volume', volume]),
    ...known.flatMap((entry) => ['--add-host', entry]),
    ...(await privileges()),
    ...['--tmpfs', '/run', '--tmpfs', '/run/lock', '--tmpfs', '/tmp:exec'],
    ...['--stop-signal', 'SIGRTMIN+3'],
    image,
  ])
}

export async function startMachine(machine: Machine): Promise<void> {
  await docker(['start', containerOf(machine.name)])
}

/** Stops a machine as its own shutdown would. */
export async function stopMachine(machine: Machine): Promise<void> {
  await docker(['stop', '--time', '10', containerOf(machine.name)])
}

/** Removes a machine's container and its volumes. */
export async function removeMachine(machine: Machine): Promise<void> {
  await docker(['rm', '--force', '--volumes', containerOf(machine.name)]).catch(ignoreMissing)
  await docker(['volume', 'rm', '--force', ...volumesOf(machine.name).keys()])
}

/** Waits until systemd is up and sshd runs, with the key let in; returns the machine's host keys. */
export async function readyMachine(machine: Machine, publicKey: string, log: (line: string) => void) {
  const command = ['exec', '--interactive', containerOf(machine.name), 'lab-ready']
  const said = await docker(command, { input: publicKey, timeout: 90_000 }).catch((cause: unknown) => {
    throw new QuaysideError(`${machine.name} does not come up: ${messageOf(cause)}`, {
      hint: `look at: docker exec ${containerOf(machine.name)} systemctl --failed; a fresh lab replaces it`,
      cause,
    })
  })
  const lines = said.split('\n')
  if (lines.includes('state degraded')) log(`${machine.name}: up, but systemd reports failed units`)
  return lines.filter((line) => /^(?:ssh|ecdsa)-/.test(line))
}

/** Proves that ssh reaches the machine through this machine's loopback, by its lab's key and known_hosts. */
export async function answerSsh(machine: Machine, { key, knownHosts }: Access): Promise<void> {
  const options = { UserKnownHostsFile: knownHosts, StrictHostKeyChecking: 'yes', BatchMode: 'yes' }
  const more = { IdentitiesOnly: 'yes', ConnectTimeout: '5', LogLevel: 'ERROR' }
  const flags = Object.entries({ ...options, ...more }).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const port = String(publishedPort(machine, 22))
  const command = ['ssh', '-F', '/dev/null', '-i', key, '-p', port, ...flags, 'deploy@127.0.0.1', 'true']
  for (let tries = 1; ; tries += 1) {
    try {
      await run(command, { timeout: 15_000 })
      return
    } catch (cause) {
      if (tries < 20) await sleep(150)
      else
        throw new QuaysideError(`ssh to ${machine.name} on 127.0.0.1:${port} fails: ${messageOf(cause)}`, {
          cause,
        })
    }
  }
}

/** A machine's host keys as known_hosts needs them. */
export function hostKeys(machine: Machine, keys: readonly string[]): HostKeys {
  return { port: publishedPort(machine, 22), keys }
}

/** All that systemd and an engine of its own need, short of --privileged, which fails where the machine lacks a capability. */
async function privileges(): Promise<readonly string[]> {
  const lacking = missingCapabilities(await readFile('/proc/self/status', 'utf8').catch(() => ''))
  return [
    '--cap-add=ALL',
    ...lacking.map((capability) => `--cap-drop=${capability}`),
    ...['seccomp=unconfined', 'apparmor=unconfined', 'systempaths=unconfined'].flatMap((o) => [
      '--security-opt',
      o,
    ]),
    '--cgroupns=private',
    // Loop devices, which tests make disks of: /dev/loop-control and the rest, once somebody makes their nodes.
    ...['c 10:237 rwm', 'b 7:* rwm'].map((rule) => `--device-cgroup-rule=${rule}`),
  ]
}

/** linux/capability.h, by bit. */
const capabilities =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

/** Capabilities that the bounding set in the text of /proc/self/status lacks; none where it does not say. */
export function missingCapabilities(status: string): readonly string[] {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  if (!bounding) return []
  const bits = BigInt(`0x${bounding}`)
  return capabilities.filter((_, bit) => ((bits >> BigInt(bit)) & 1n) === 0n)
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof CommandError && /No such container/i.test(error.stderr))) throw error
}
