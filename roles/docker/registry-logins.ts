import { Secret } from '../../lib/secret/index.ts'
import type { DockerVars } from './schema.ts'

/** Docker's own configuration file with the logins: `docker login` would write the same, after asking the registry. */
export function registryLogins(registries: DockerVars['docker_registries']): Secret {
  const auths = registries.map(({ address, username, password }) => [
    address,
    { auth: Buffer.from(`${username}:${password.reveal()}`).toString('base64') },
  ])
  return new Secret(`${JSON.stringify({ auths: Object.fromEntries(auths) }, null, 2)}\n`, 'composed')
}
