import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { docker, dockerLines } from './docker.ts'
import { engineAnswers, ensureEngine, stopEngine } from './engine.ts'
import { ensureHostImage, hostImage } from './host-image.ts'
import { ensureAgeKey, ensureKey, writeKnownHosts } from './keys.ts'
import { locked } from './lock.ts'
import {
  answerSsh,
  containers,
  createMachine,
  ensureNetwork,
  hostKeys,
  readyMachine,
  removeMachine,
  startMachine,
  stopMachine,
} from './machines.ts'
import { ensureObjectStore, storeUrl } from './object-store.ts'
import { knownReady, noteReady } from './ready.ts'
import { ensureRegistry, registryUrl } from './registry.ts'
import { accessOf, state, stateDirectory } from './state.ts'
import {
  everyMachine,
  type LabName,
  labs,
  type Machine,
  network,
  publishedPort,
  registryName,
  storeMachine,
} from './topology.ts'

type Log = (line: string) => void

/** One host as this machine reaches it. */
export interface LabHost {
  readonly name: string
  readonly host: '127.0.0.1'
  /** Where ssh answers on `host`. */
  readonly port: number
  /** Where the other hosts reach it. */
  readonly address: string
}

/** A lab that is up, and how to get in. */
export interface Lab {
  readonly hosts: readonly LabHost[]
  readonly user: 'deploy'
  /** Path of the private key. */
  readonly key: string
  /** Path of a known_hosts file that holds every host's keys. */
  readonly knownHosts: string
  readonly registry: { readonly name: string; readonly url: string }
  /** The object store, as this machine reaches it. */
  readonly store: { readonly url: string }
}

export interface HostStatus {
  readonly name: string
  /** running, stopped, absent, or docker's own word for anything else. */
  readonly state: string
  readonly port: number | undefined
  readonly address: string
}

export interface UpOptions {
  /** Told in plain words what takes time. */
  readonly log: Log
  /** Which hosts; those of `lab` unless told. */
  readonly lab?: LabName
  /** Recreates these hosts with empty volumes; the registry, the object store and all images stay. */
  readonly fresh?: boolean
}

/** Brings up whatever of a lab is missing and returns when every host of it can be logged in to. */
export async function labUp({ log, lab = 'lab', fresh = false }: UpOptions): Promise<Lab> {
  const { hosts } = labs[lab]
  return locked(log, async () => {
    await ensureEngine(log)
    const access = accessOf(lab)
    // The registry and the store are of `lab`, whoever needs them.
    const [publicKey, theirs] = [await ensureKey(access), await ensureKey(accessOf('lab'))]
    await ensureAgeKey()
    if (!fresh && (await knownReady(lab))) return upLab(lab)
    if (fresh) {
      log(`removing ${namesOf(hosts)} and their volumes`)
      await Promise.all(hosts.map(removeMachine))
    }
    await startAll(lab, log)
    const [keys] = await Promise.all([
      Promise.all(hosts.map(async (host) => hostKeys(host, await readyMachine(host, publicKey, log)))),
      ...labs[lab].services.map(async (machine) => {
        await readyMachine(machine, theirs, log)
        await (machine === storeMachine ? ensureObjectStore(log) : ensureRegistry(log))
      }),
    ])
    await writeKnownHosts(keys, access.knownHosts)
    await Promise.all(hosts.map((host) => answerSsh(host, access)))
    await noteReady(lab)
    return upLab(lab)
  })
}

/** Stops everything, to be started again as it was; the engine, too, if the lab started it. Or one lab's hosts alone. */
export async function labDown({ log, lab }: { readonly log: Log; readonly lab?: LabName }): Promise<void> {
  await locked(log, async () => {
    if (!(await engineAnswers())) return
    const known = await containers()
    const meant: readonly Machine[] = lab === undefined ? everyMachine : labs[lab].hosts
    const running = meant.filter(({ name }) => known.get(name)?.state === 'running')
    if (running.length > 0) log(`stopping ${namesOf(running)}`)
    await Promise.all(running.map(stopMachine))
    if (lab === undefined) await stopEngine(log)
  })
}

/** Removes the hosts of the swarm's lab, their volumes, and all that was kept of them. */
export async function swarmReset({ log }: { readonly log: Log }): Promise<void> {
  await locked(log, async () => {
    const { hosts } = labs['lab-swarm']
    if (await engineAnswers()) {
      log(`removing ${namesOf(hosts)} and their volumes`)
      await Promise.all(hosts.map(removeMachine))
    }
    await rm(accessOf('lab-swarm').directory, { recursive: true, force: true })
  })
}

/** Removes everything that the labs ever made on this machine, images and keys included. */
export async function labReset({ log }: { readonly log: Log }): Promise<void> {
  await locked(log, async () => {
    if (existsSync(state.key)) await ensureEngine(log)
    if (await engineAnswers()) {
      log('removing the lab’s machines, volumes, network and images')
      await Promise.all(everyMachine.map(removeMachine))
      const networks = await dockerLines(['network', 'ls', '--quiet', '--filter', `name=^${network.name}$`])
      if (networks.length > 0) await docker(['network', 'rm', network.name])
      const format = ['--format', '{{.Repository}}:{{.Tag}}']
      const images = await dockerLines(['image', 'ls', ...format, 'quayside-lab-*'])
      if (images.length > 0) await docker(['image', 'rm', '--force', ...images])
    }
    await stopEngine(log)
    // While others keep the engine, the note that the lab started it stays, for a later reset to stop it.
    const keep = existsSync(state.engine) ? [state.engine, state.engineLog] : []
    const left = (await readdir(stateDirectory)).map((name) => join(stateDirectory, name))
    const gone = keep.length > 0 ? left.filter((path) => !keep.includes(path)) : [stateDirectory]
    gone.push(accessOf('lab-swarm').directory)
    await Promise.all(gone.map((path) => rm(path, { recursive: true, force: true })))
  })
}

/** What each machine of the lab is doing; changes nothing and starts nothing. */
export async function labStatus(): Promise<readonly HostStatus[]> {
  const known = (await engineAnswers()) ? await containers() : undefined
  const unseen = existsSync(state.key) ? 'stopped' : 'absent'
  return everyMachine.map(({ name, address, ports }) => {
    const word = known === undefined ? unseen : (known.get(name)?.state ?? 'absent')
    return { name, state: word === 'exited' ? 'stopped' : word, port: ports[22], address }
  })
}

async function startAll(lab: LabName, log: Log): Promise<void> {
  const known = await containers()
  const machines: readonly Machine[] = [...labs[lab].hosts, ...labs[lab].services]
  const missing = machines.filter(({ name }) => !known.has(name))
  const stopped = machines.filter(({ name }) => known.has(name) && known.get(name)?.state !== 'running')
  const start = (machine: Machine) => startMachine(machine)
  if (missing.length > 0) {
    const [image] = await Promise.all([ensureHostImage(log), ensureNetwork()])
    log(`creating ${namesOf(missing)}`)
    await Promise.all([...missing.map((machine) => createMachine(machine, image)), ...stopped.map(start)])
  } else if (stopped.length > 0) {
    log(`starting ${namesOf(stopped)}`)
    await Promise.all(stopped.map(start))
  }
  const image = await hostImage()
  const own: readonly Machine[] = labs[lab].hosts
  const old = own.filter(({ name }) => known.has(name) && known.get(name)?.image !== image)
  if (old.length > 0) log(`${namesOf(old)}: from an older host image; a fresh lab renews them`)
}

function namesOf(machines: readonly Machine[]): string {
  return machines.map(({ name }) => name).join(', ')
}

function upLab(lab: LabName): Lab {
  const { key, knownHosts } = accessOf(lab)
  return {
    hosts: labs[lab].hosts.map((host) => ({
      name: host.name,
      host: '127.0.0.1',
      port: publishedPort(host, 22),
      address: host.address,
    })),
    user: 'deploy',
    key,
    knownHosts,
    registry: { name: registryName, url: registryUrl },
    store: { url: storeUrl },
  }
}
