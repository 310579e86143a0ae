import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { npmRegistry } from './build.ts'
import { machineCertificates } from './certificates.ts'
import { ensureComposeProgram } from './compose-program.ts'
import { docker, dockerLines } from './docker.ts'
import { ensureEngine } from './engine.ts'
import { ensureHostImage } from './host-image.ts'
import { ensureAgeKey, ensureKey } from './keys.ts'
import { locked } from './lock.ts'
import { containers, createMachine, ensureNetwork, readyMachine, startMachine } from './machines.ts'
import { ensureRegistry, registryUrl } from './registry.ts'
import { ensureStandIns, type StandInName } from './standins.ts'
import { accessOf, stateDirectory } from './state.ts'
import { registryMachine, registryName } from './topology.ts'

type Log = (line: string) => void

/** The variables of Compose files that name the images a stack is made of. */
const variables: Readonly<Record<StandInName, string>> = {
  postgres: 'POSTGRES_IMAGE',
  redis: 'REDIS_IMAGE',
  nginx: 'NGINX_IMAGE',
  python: 'PYTHON_IMAGE',
  node: 'NODE_IMAGE',
}

/** A Compose that will do, where this machine has none; installs and starts the engine where it has to. */
export function ensureCompose(log: Log): Promise<string> {
  return locked(log, async () => {
    await ensureEngine(log)
    return ensureComposeProgram(log)
  })
}

/**
 * Makes what a stack needs where no image registry is reached: the stand-ins, in this machine's own engine. Returns the
 * variables that Compose files take them by, and what builds need to reach this machine's npm registry.
 */
export function stackImages(log: Log): Promise<Readonly<Record<string, string>>> {
  return locked(log, async () => {
    await ensureEngine(log)
    await registryAlone(log)
    const standIns = Object.entries(await ensureStandIns(log))
    const here = new URL(registryUrl).host
    const images = standIns.map(
      ([name, { pinned }]) => [variables[name as StandInName], pinned.replace(registryName, here)] as const,
    )
    const present = new Set(
      await dockerLines(['image', 'ls', '--digests', '--format', '{{.Repository}}@{{.Digest}}']),
    )
    for (const [, image] of images) {
      if (present.has(image)) continue
      log(`fetching ${image.split('@')[0]}`)
      await docker(['pull', '--quiet', image])
    }
    return {
      ...Object.fromEntries(images),
      // Debian's packages bring the libraries themselves.
      API_REQUIREMENTS: 'requirements.lab.txt',
      API_DEV_REQUIREMENTS: 'requirements.lab.txt',
      BUILD_NETWORK: 'host',
      ...(await buildFiles()),
    }
  })
}

/** Of the lab's machines the registry alone. */
async function registryAlone(log: Log): Promise<void> {
  const publicKey = await ensureKey(accessOf('lab'))
  await ensureAgeKey()
  const known = (await containers()).get(registryMachine.name)
  if (known === undefined) {
    const [image] = await Promise.all([ensureHostImage(log), ensureNetwork()])
    log(`creating ${registryMachine.name}`)
    await createMachine(registryMachine, image)
  } else if (known.state !== 'running') await startMachine(registryMachine)
  await readyMachine(registryMachine, publicKey, log)
  await ensureRegistry(log)
}

/** Files for the secrets of builds: a bundle with this machine's authorities, and where its npm packages come from. */
async function buildFiles(): Promise<Readonly<Record<string, string>>> {
  const folder = join(stateDirectory, 'build')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const npmrc = join(folder, 'npmrc')
  await writeFile(npmrc, `registry=${await npmRegistry()}\n`, { mode: 0o600 })
  const bundle = '/etc/ssl/certs/ca-certificates.crt'
  const ca = (await machineCertificates())?.path ?? (existsSync(bundle) ? bundle : '/dev/null')
  return { BUILD_NPMRC_FILE: npmrc, BUILD_CA_FILE: ca }
}
