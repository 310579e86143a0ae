import { exit, QuaysideError } from '../error.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import type { App } from './app.ts'
import type { EdgeAccess } from './edge.ts'

/** Where a deploy happens: the hosts and the apps, taken from an inventory. */
export interface Site {
  readonly edges: readonly Host[]
  readonly appHosts: readonly Host[]
  readonly apps: readonly App[]
  readonly access: EdgeAccess
  readonly drainSeconds: number
  /** how old a verified restore may be before migrations that contract; undefined: nobody asks */
  readonly restoreHours: number | undefined
  /** of how many releases the images stay on the app hosts */
  readonly keepReleases: number
}

/** Reads the site off variables that have passed the app's and nginx's schemas. */
export function siteOf(inventory: Inventory): Site {
  const edges = inventory.select('edge')
  const appHosts = inventory.select('app')
  const [edge] = edges
  const [first] = appHosts
  if (edge === undefined || first === undefined)
    throw new QuaysideError('a deploy needs at least one host in group edge and one in group app', {
      exitCode: exit.usage,
    })
  // One release is one set of apps: a host_vars that gives one host another would make the colours unlike.
  const plain = JSON.stringify(first.vars.apps)
  const odd = [...edges, ...appHosts].find((host) => JSON.stringify(host.vars.apps) !== plain)
  if (odd !== undefined)
    throw new QuaysideError(`${odd.name} has other apps than ${first.name}`, {
      exitCode: exit.usage,
      hint: 'give apps in group_vars/all.yaml, for every host alike',
    })
  return {
    edges,
    appHosts,
    apps: first.vars.apps as readonly App[],
    access: accessOf(edge),
    drainSeconds: Number(first.vars.deploy_drain_seconds),
    restoreHours: first.vars.deploy_contract_restore_hours as number | undefined,
    keepReleases: Number(first.vars.deploy_keep_releases),
  }
}

function accessOf(edge: Host): EdgeAccess {
  const [name = '_'] = edge.vars.nginx_server_names as readonly string[]
  return {
    // "_" is nginx's word for any name; curl needs one
    serverName: name === '_' ? 'localhost' : name,
    httpsPort: Number(edge.vars.nginx_https_port),
    previewPort: Number(edge.vars.nginx_preview_port),
  }
}
