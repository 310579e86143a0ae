import type { Facts } from '../../lib/engine/facts.ts'
import { role } from '../../lib/engine/role.ts'
import {
  absentPackages,
  aptKey,
  aptKeyring,
  aptRepository,
  directory,
  file,
  packages,
  type Resource,
  service,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { daemonJson, daemonJsonPath } from './daemon-json.ts'
import { conflictingPackages, distributionPackages, upstreamPackages } from './packages.ts'
import { registryLogins } from './registry-logins.ts'
import { restartDocker } from './restart.ts'
import { type DockerVars, dockerVars } from './schema.ts'

export const docker = role({
  name: 'docker',
  about: 'Docker Engine with Compose V2 and buildx',
  vars: dockerVars,
  resources: ({ vars, facts }) => [
    // Before the packages, whose installation starts the engine: so its first start finds it.
    directory('/etc/docker'),
    file(daemonJsonPath, {
      content: daemonJson(vars),
      validate: (path) => sh`! command -v dockerd >/dev/null || dockerd --validate --config-file ${path}`,
      notify: 'restart docker',
    }),
    ...engine(vars, facts),
    service('docker'),
    ...logins(vars),
  ],
  handlers: ({ vars }) => ({ 'restart docker': restartDocker(vars.docker_live_restore) }),
})

function engine(vars: DockerVars, facts: Facts): readonly Resource[] {
  if (vars.docker_source === 'distribution') {
    return [packages(['ca-certificates', ...distributionPackages(facts)])]
  }
  const url = `${vars.docker_apt_url}/${facts.os}`
  return [
    // A host that cannot reach the repository, or has another key than it is signed by, keeps the engine that it has.
    packages(['ca-certificates', 'curl']),
    directory('/etc/apt/keyrings'),
    aptKey('docker', { url: `${url}/gpg`, sha256: vars.docker_apt_key_sha256 }),
    aptRepository('docker', {
      uris: url,
      suites: facts.codename,
      components: 'stable',
      architectures: facts.architecture,
      signedBy: aptKeyring('docker'),
    }),
    absentPackages(conflictingPackages),
    packages(upstreamPackages),
  ]
}

function logins({ docker_registries: registries }: DockerVars): readonly Resource[] {
  if (registries.length === 0) return []
  return [
    directory('/root/.docker', { mode: 0o700 }),
    file('/root/.docker/config.json', { content: registryLogins(registries), mode: 0o600 }),
  ]
}
