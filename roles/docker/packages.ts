import type { Facts } from '../../lib/engine/facts.ts'
import { QuaysideError } from '../../lib/error.ts'

/** The packages of Docker's own apt repository. */
export const upstreamPackages = [
  'docker-ce',
  'docker-ce-cli',
  'containerd.io',
  'docker-buildx-plugin',
  'docker-compose-plugin',
] as const

/** The distribution's packages that hold the same files as Docker's own. */
export const conflictingPackages = [
  'docker.io',
  'docker-cli',
  'docker-compose',
  'docker-compose-v2',
  'docker-buildx',
  'containerd',
  'runc',
] as const

/** The packages that bring the engine, Compose V2 and buildx on a release of Debian or Ubuntu. */
export function distributionPackages({ os, codename, hostname }: Facts): readonly string[] {
  if (os === 'ubuntu') return ['docker.io', 'docker-compose-v2', 'docker-buildx']
  const old = ['buster', 'bullseye', 'bookworm'].includes(codename)
  if (os === 'debian' && !old) return ['docker.io', 'docker-cli', 'docker-compose', 'docker-buildx']
  const hint = 'set docker_source: docker'
  if (os === 'debian') {
    throw new QuaysideError(`${hostname}: Debian ${codename} has no Docker 24 with Compose V2`, { hint })
  }
  throw new QuaysideError(`${hostname}: no packages of Docker are known for ${os || 'this system'}`, {
    hint: `${hint}, or run Debian 13 or Ubuntu 22.04 or newer`,
  })
}
