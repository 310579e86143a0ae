import { join } from 'node:path'
import { baseImage, ensureBaseImage } from './base-image.ts'
import { machineCertificates } from './certificates.ts'
import { docker, dockerLines, imageExists } from './docker.ts'
import { fingerprint, fingerprintDirectory } from './fingerprint.ts'
import { recipes } from './recipes.ts'

const recipeDirectory = join(recipes, 'host')

/** The name of the image that hosts start from: it stands for all that the image is made of. */
export async function hostImage(): Promise<string> {
  const [base, recipe, certificates] = await Promise.all([
    baseImage('trixie'),
    fingerprintDirectory(recipeDirectory),
    machineCertificates(),
  ])
  return `quayside-lab-host:${fingerprint(base, recipe, certificates?.text ?? '')}`
}

/** Makes sure that this image exists; returns its name. */
export async function ensureHostImage(log: (line: string) => void): Promise<string> {
  const reference = await hostImage()
  if (await imageExists(reference)) return reference
  const base = await ensureBaseImage('trixie', log)
  log('building the host image (systemd, sshd, docker’s packages in store; under half a minute)')
  await build(base, reference, (await machineCertificates())?.path)
  await removeOthers(reference)
  return reference
}

/** Provisions a container of the base and commits it: works on any engine, with or without BuildKit. */
async function build(base: string, reference: string, certificates: string | undefined): Promise<void> {
  const container = `quayside-lab-host-build-${process.pid}`
  await docker(['create', '--name', container, base, 'sh', '/provision.sh'])
  try {
    await docker(['cp', `${recipeDirectory}/rootfs/.`, `${container}:/`])
    await docker(['cp', `${recipeDirectory}/provision.sh`, `${container}:/provision.sh`])
    if (certificates) {
      await docker(['cp', '--follow-link', certificates, `${container}:/tmp/ca.crt`])
    }
    await docker(['start', '--attach', container])
    const changes = ['ENV container=docker', 'CMD ["/usr/local/sbin/lab-init"]'].flatMap((change) => [
      '-c',
      change,
    ])
    await docker(['commit', ...changes, container, reference])
  } finally {
    await docker(['rm', '--force', '--volumes', container])
  }
}

/** Removes host images of older recipes, but for those that a host still runs. */
async function removeOthers(reference: string): Promise<void> {
  const all = await dockerLines(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', 'quayside-lab-host'])
  const others = all.filter((image) => image !== reference)
  for (const image of others) await docker(['image', 'rm', image]).catch(() => {})
}
