import type { DockerVars } from './schema.ts'

export const daemonJsonPath = '/etc/docker/daemon.json'

/** The engine's configuration. */
export function daemonJson(vars: DockerVars): string {
  const config = {
    'log-driver': 'json-file',
    'log-opts': { 'max-size': vars.docker_log_max_size, 'max-file': String(vars.docker_log_max_file) },
    'live-restore': vars.docker_live_restore,
    ...(vars.docker_no_new_privileges ? { 'no-new-privileges': true } : {}),
    ...unlessEmpty('insecure-registries', vars.docker_insecure_registries),
    ...unlessEmpty('registry-mirrors', vars.docker_registry_mirrors),
    ...unlessEmpty('default-address-pools', vars.docker_address_pools),
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function unlessEmpty(key: string, list: readonly unknown[]): Record<string, unknown> {
  return list.length === 0 ? {} : { [key]: list }
}
