import { serviceWords, type Words } from './service-words.ts'
import { type Deploy, merged, type Placed } from './setting.ts'

/** A service as `docker stack deploy` takes it: whole, since Swarm knows neither extends nor an order of starting. */
export function swarmWords(placed: Placed): Words {
  const {
    deploy,
    security_opt: _,
    healthcheck,
    ...words
  } = serviceWords(merged(placed)) as {
    deploy: Words
  } & Words
  const { own } = placed
  return {
    ...words,
    ...(own.ports && {
      ports: own.ports.map(({ published, target, host }) => ({
        target,
        published,
        protocol: 'tcp',
        mode: host ? 'host' : 'ingress',
      })),
    }),
    healthcheck,
    deploy: { ...(own.deploy && deployWords(own.deploy)), ...deploy },
  }
}

function deployWords({ constraints, monitorSeconds, delaySeconds, order, replicas }: Deploy): Words {
  const careful = { parallelism: 1, monitor: `${monitorSeconds}s`, order }
  return {
    ...(replicas === 'one on each node'
      ? { mode: 'global' }
      : { mode: 'replicated', replicas: numberOrVariable(replicas) }),
    // The virtual IP drops connections that are idle for 900 s, and needs IPVS in the kernel.
    endpoint_mode: 'dnsrr',
    ...(constraints && { placement: { constraints } }),
    update_config: { ...careful, delay: `${delaySeconds}s`, failure_action: 'rollback' },
    rollback_config: { ...careful, failure_action: 'pause' },
    restart_policy: { condition: 'any', delay: '5s' },
  }
}

/** Docker takes a text for a number only where a variable stood in it. */
function numberOrVariable(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text
}
