import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../command.ts'
import { QuaysideError } from '../error.ts'
import { recipes } from './recipes.ts'
import { containerOf, publishedPort, registryMachine } from './topology.ts'

/** The registry's HTTP API as this machine reaches it; the lab's machines say registry.lab:5000. */
export const registryUrl = `http://127.0.0.1:${publishedPort(registryMachine, 5000)}`

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** Runs a command inside the registry machine; standard input is passed on. */
export function inRegistry(...command: readonly string[]): readonly string[] {
  return ['docker', 'exec', '--interactive', containerOf(registryMachine.name), ...command]
}

/** Makes the machine a registry and image builder, unless it is one; its systemd must be up. */
export async function ensureRegistry(log: (line: string) => void): Promise<void> {
  if (!(await provisioned())) {
    log('installing the image registry and builder')
    const input = await readFile(join(recipes, 'registry', 'provision.sh'), 'utf8')
    await run(inRegistry('sh', '-s'), { input })
  }
  await answering()
}

/** The digest of what a tag points at; undefined if there is no such tag. */
export async function digestOf(repository: string, tag: string): Promise<string | undefined> {
  const response = await fetch(`${registryUrl}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: manifestTypes },
  })
  if (response.status === 404) return undefined
  const digest = response.headers.get('docker-content-digest')
  if (!response.ok || !digest) {
    throw new QuaysideError(`the lab's registry answers ${response.status} for ${repository}:${tag}`)
  }
  return digest
}

/** Points one more tag at a digest that the repository holds. */
export async function tagDigest(repository: string, digest: string, tag: string): Promise<void> {
  const manifests = `${registryUrl}/v2/${repository}/manifests`
  const source = await fetch(`${manifests}/${digest}`, { headers: { accept: manifestTypes } })
  const put = await fetch(`${manifests}/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': source.headers.get('content-type') ?? '' },
    body: await source.arrayBuffer(),
  })
  if (!put.ok) throw new QuaysideError(`the lab's registry refuses ${repository}:${tag}: ${put.status}`)
}

async function provisioned(): Promise<boolean> {
  return run(inRegistry('test', '-e', '/var/lib/lab-registry-provisioned')).then(
    () => true,
    () => false,
  )
}

async function answering(): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await fetch(`${registryUrl}/v2/`).catch(() => undefined)
    if (answer?.ok) return
    await sleep(100)
  }
  throw new QuaysideError('the lab’s image registry does not answer', {
    hint: `look at: docker exec ${containerOf(registryMachine.name)} systemctl status docker-registry`,
  })
}
