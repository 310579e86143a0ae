import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digestOf } from '../lib/deploy/index.ts'
import type { Fleet } from '../lib/engine/fleet.ts'
import { fits, wanted } from '../lib/env/schema-check.ts'
import { UsageError } from '../lib/error.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { didYouMean } from '../lib/inventory/nearest.ts'
import { Secret } from '../lib/secret/index.ts'
import { type Stored, storedAs } from '../lib/swarm/content.ts'
import type { StackRelease } from '../lib/swarm/deploy.ts'
import { encrypted } from '../lib/swarm/encrypted.ts'
import {
  imagesOf,
  only,
  pinnedFile,
  readStackFile,
  type StackFile,
  stackText,
  textHash,
} from '../lib/swarm/stack-file.ts'
import { without } from '../lib/swarm/without.ts'
import type { SwarmVars } from '../roles/swarm/schema.ts'
import { stageOf } from './environment/index.ts'

const folder = fileURLToPath(new URL('../compose', import.meta.url))

/** Services that keep data in a volume on one node. */
export const dataServices: readonly string[] = ['postgres', 'redis']

/** AgentLab of a release, as it is deployed to a swarm: images by digest, configs and secrets by their content. */
export async function agentlabOnSwarm(
  fleet: Fleet,
  manager: Host,
  vars: SwarmVars,
  id: string,
): Promise<StackRelease> {
  const { stack_name: stack } = vars
  const file = await stackFileOf(vars, id)
  const images = await digests(fleet, manager, imagesOf(file))
  const stored = await storedOf(stack, file, vars)
  const names = (kind: Stored['kind']) =>
    Object.fromEntries(stored.filter((each) => each.kind === kind).map(({ name, object }) => [name, object]))
  const labels = { 'quayside.release': id }
  const whole = pinnedFile(file, { images, configs: names('config'), secrets: names('secret'), labels })
  const text = stackText(whole, `${stack} of release ${id}: docker stack deploy --compose-file FILE ${stack}`)
  return {
    stack,
    release: { id, images, config: textHash(text) },
    file: whole,
    text,
    stored,
    data: dataServices.filter((name) => whole.services[name] !== undefined),
    migration: vars.stack_migrate.length === 0 ? undefined : migrationOf(stack, whole, vars.stack_migrate),
  }
}

/** The stack's file with the settings of a release in place. */
export async function stackFileOf(vars: SwarmVars, id: string): Promise<StackFile> {
  const settings = settingsOf(vars, id)
  const text = await readFile(join(folder, 'stack.yaml'), 'utf8')
  const file = readStackFile(text, (name) => settings.get(name))
  const own = without(file, elsewhere(vars))
  return vars.stack_encrypted ? encrypted(own) : own
}

/** Services of the stack that it does not have, since settings say where others are. */
export function elsewhere({ stack_settings: given }: SwarmVars): readonly string[] {
  const own = { DATABASE_HOST: 'postgres', REDIS_HOST: 'redis' }
  return Object.entries(own).flatMap(([setting, service]) =>
    (given[setting] ?? service) === service ? [] : [service],
  )
}

/** What can be wrong with settings and secrets before any host is asked. */
export function demandSettings(vars: SwarmVars): void {
  const { settings, secrets } = stageOf('swarm')
  const faults = [
    ...Object.entries(vars.stack_settings).flatMap(([name, value]) => {
      const property = Object.hasOwn(settings.properties, name) ? settings.properties[name] : undefined
      if (name === 'RELEASE') return ['RELEASE is given by --release']
      if (property === undefined)
        return [`there is no setting ${name}. ${didYouMean(name, Object.keys(settings.properties)) ?? ''}`]
      return fits(value, property) ? [] : [`${name} must be ${wanted(property)}`]
    }),
    ...(settings.required ?? [])
      .filter((name) => name !== 'RELEASE' && (vars.stack_settings[name] ?? '') === '')
      .map((name) => `${name} is missing`),
    ...Object.keys(vars.stack_secrets)
      .filter((name) => !Object.hasOwn(secrets.properties, name))
      .map(
        (name) => `there is no secret ${name}. ${didYouMean(name, Object.keys(secrets.properties)) ?? ''}`,
      ),
    ...(secrets.required ?? [])
      .filter((name) => (vars.stack_secrets[name]?.reveal() ?? '') === '')
      // That of PostgreSQL's administrator is needed where the stack has a PostgreSQL.
      .filter((name) => name !== 'postgres_superuser_password' || !elsewhere(vars).includes('postgres'))
      .map((name) => `the secret ${name} is missing`),
  ]
  if (faults.length > 0)
    throw new UsageError(
      `stack_settings and stack_secrets: ${faults.map((each) => each.trim()).join('; ')}`,
      'compose/swarm.env.example says what there is',
    )
}

function settingsOf({ stack_settings: given }: SwarmVars, id: string): ReadonlyMap<string, string> {
  return new Map([...Object.entries(given), ['RELEASE', id]])
}

async function digests(
  fleet: Fleet,
  manager: Host,
  images: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const found = await Promise.all(
    Object.entries(images).map(async ([service, image]) => [
      service,
      image.includes('@sha256:') ? image : await digestOf(fleet, manager, image),
    ]),
  )
  return Object.fromEntries(found)
}

async function storedOf(
  stack: string,
  { configs, secrets }: StackFile,
  vars: SwarmVars,
): Promise<readonly Stored[]> {
  const files = await Promise.all(
    Object.entries(configs).map(async ([name, { file }]) =>
      storedAs(stack, name, await readFile(join(folder, String(file)), 'utf8')),
    ),
  )
  const nothing = new Secret('')
  return [
    ...files,
    ...Object.keys(secrets).map((name) => storedAs(stack, name, vars.stack_secrets[name] ?? nothing)),
  ]
}

/** The api's image with its secrets and its way to the database, run once, in a stack of its own. */
function migrationOf(stack: string, file: StackFile, command: readonly string[]): StackRelease['migration'] {
  const { api } = only(file, ['api']).services
  if (api === undefined) return undefined
  const { healthcheck: _, ...words } = api
  const own = file.services.postgres !== undefined
  return {
    stack: `${stack}-migrate`,
    file: {
      ...file,
      services: {
        migrate: {
          ...words,
          command,
          // That of the image asks the api's own server, which does not run here.
          healthcheck: { disable: true },
          networks: own ? ['database'] : ['egress'],
          deploy: {
            mode: 'replicated-job',
            replicas: 1,
            restart_policy: { condition: 'none' },
            ...((words.deploy as { resources?: never }).resources === undefined
              ? {}
              : { resources: (words.deploy as { resources: never }).resources }),
          },
        },
      },
      // The stack's own, where the database is in it; else a way out, since the stack's may not be there yet.
      networks: own
        ? { database: { external: true, name: `${stack}_database` } }
        : { egress: file.networks.egress ?? { driver: 'overlay' } },
      volumes: {},
      configs: {},
    },
  }
}
