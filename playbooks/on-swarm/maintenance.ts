import { QuaysideError } from '../../lib/error.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { sh } from '../../lib/script/index.ts'
import type { SwarmSite } from '../../lib/swarm/converge.ts'
import { switches } from '../../roles/nginx-tls/paths.ts'
import { stackVars } from './locked.ts'

/**
 * Puts the file by which nginx closes the site into the volume of each node that runs nginx, or takes it away: it outlives the
 * container, and a deploy.
 */
export async function maintenanceOnSwarm(run: Run, site: SwarmSite, close: boolean): Promise<void> {
  const { fleet, emit, check } = run
  const filter = `label=com.docker.swarm.service.name=${stackVars(site).stack_name}_nginx`
  const which = await fleet.run(site.all, 'look for nginx', () => sh`docker ps -q --filter ${filter}`)
  const edges = site.all.filter(({ name }) => which.get(name)?.stdout.trim() !== '')
  if (edges.length === 0)
    throw new QuaysideError('nginx runs on no node', { hint: 'status.ts shows what does' })
  const names = edges.map(({ name }) => name).join(', ')
  if (check) {
    emit({ type: 'step', text: `would ${close ? 'close' : 'open'} the site on ${names}` })
    return
  }
  // Root of the container owns the volume; nginx itself may only read it.
  const act = close ? `: > ${switches.maintenance}` : `rm -f ${switches.maintenance}`
  await fleet.run(
    edges,
    close ? 'close the site' : 'open the site',
    () =>
      sh`for each in $(docker ps -q --filter ${filter}); do docker exec -u 0 "$each" sh -c ${act} || exit 1; done`,
  )
  emit({
    type: 'step',
    text: close
      ? `closed: nginx on ${names} answers 503; maintenance.ts off opens the site`
      : `open: ${names} serve again`,
  })
}
