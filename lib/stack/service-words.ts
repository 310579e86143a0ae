import type { Health, Mount, Resources, Service } from './model.ts'
import type { Build, Placed, Port, Readiness, ServiceSetting } from './setting.ts'

/** What a Compose file says of a service, as data: keys in the order that they are read in. */
export type Words = Readonly<Record<string, unknown>>

/** The whole of a service. Hardening is no setting: nothing runs with more than it was given here. */
export function serviceWords(service: Service): Words {
  return {
    image: service.image,
    user: service.user,
    read_only: true,
    init: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ...given({ entrypoint: service.entrypoint, command: service.command }),
    ...filled({ environment: service.environment, secrets: service.secrets }),
    ...filled({ configs: configWords(service.configs), networks: service.networks }),
    ...filled({ volumes: service.mounts?.map(mountWords) }),
    healthcheck: healthWords(service.health),
    deploy: { resources: resourceWords(service.resources) },
    ...(service.ulimits && { ulimits: service.ulimits }),
    ...given({ stop_signal: service.stop.signal }),
    stop_grace_period: `${service.stop.graceSeconds}s`,
    logging,
  }
}

/** What a setting says over a service of base.yaml: only that. */
export function settingWords({ own, service }: Placed): Words {
  return {
    ...given({ image: own.image }),
    ...settingOnly(own),
    ...given({ command: own.command }),
    ...filled({ environment: own.environment, secrets: own.secrets }),
    ...filled({ configs: configWords(own.configs), networks: own.networks }),
    ...filled({ volumes: own.mounts?.map(mountWords) }),
    ...(own.resources && {
      deploy: { resources: resourceWords({ ...service.resources, ...own.resources }) },
    }),
  }
}

/** What only a setting can say. */
export function settingOnly({ build, ports, after, restart }: ServiceSetting): Words {
  return {
    ...(build && { build: buildWords(build) }),
    ...(ports && { ports: ports.map(portWords) }),
    ...(after && { depends_on: afterWords(after) }),
    ...given({ restart }),
  }
}

/** Rotated by the engine: 30 MB a container at the most. */
export const logging = { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } } as const

function buildWords({ args, context, network, secrets, target }: Build): Words {
  return {
    context,
    ...given({ target, network }),
    ...filled({ args, secrets: secrets && Object.keys(secrets) }),
  }
}

function portWords({ address, published, target }: Port): string {
  return [...(address === undefined ? [] : [address]), published, String(target)].join(':')
}

function afterWords(after: Readonly<Record<string, Readiness>>): Words {
  const conditions = {
    started: 'service_started',
    healthy: 'service_healthy',
    completed: 'service_completed_successfully',
  }
  return Object.fromEntries(
    Object.entries(after).map(([name, readiness]) => [name, { condition: conditions[readiness] }]),
  )
}

function configWords(configs: Readonly<Record<string, string>> = {}): readonly Words[] {
  return Object.entries(configs).map(([source, target]) => ({ source, target }))
}

function mountWords(mount: Mount): Words {
  const { type, target } = mount
  switch (type) {
    case 'volume':
      return { type, source: mount.source, target }
    case 'bind':
      return { type, source: mount.source, target, ...(mount.readOnly && { read_only: true }) }
    case 'tmpfs':
      return { type, target, tmpfs: { size: mount.sizeMb * 1024 * 1024 } }
  }
}

function healthWords(health: Health | 'none'): Words {
  if (health === 'none') return { disable: true }
  return {
    // Compose reads $ as a variable's: the shell of the container shall have it.
    test: ['CMD', ...health.command.map((word) => word.replaceAll('$', '$$$$'))],
    interval: `${health.intervalSeconds}s`,
    timeout: `${health.timeoutSeconds}s`,
    retries: health.retries,
    start_period: `${health.startPeriodSeconds}s`,
  }
}

function resourceWords({ cpus, memoryMb, pids, reservedMb }: Resources): Words {
  return { limits: { cpus, memory: `${memoryMb}M`, pids }, reservations: { memory: `${reservedMb}M` } }
}

/** Without the keys that have no value. */
function given(words: Words): Words {
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined))
}

/** Without the keys that hold nothing. */
function filled(words: Words): Words {
  return Object.fromEntries(
    Object.entries(words).filter(
      ([, value]) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
    ),
  )
}
