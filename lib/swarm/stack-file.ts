import { createHash } from 'node:crypto'
import { parse, stringify } from 'yaml'
import { InterpolationError, interpolate, type Lookup } from '../env/interpolate.ts'
import { QuaysideError } from '../error.ts'

/** A value of a stack file. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }
export type Words = { readonly [key: string]: Value }

/** A file for `docker stack deploy`, read, with settings in the place of its variables. */
export interface StackFile {
  readonly services: Readonly<Record<string, Words>>
  readonly networks: Readonly<Record<string, Words>>
  readonly volumes: Readonly<Record<string, Words>>
  readonly secrets: Readonly<Record<string, Words>>
  readonly configs: Readonly<Record<string, Words>>
}

/** Reads a stack file. Throws a QuaysideError for a variable that has to be set and is not. */
export function readStackFile(text: string, settings: Lookup): StackFile {
  const found = mapped(parse(text, { version: '1.1' }) as Value, (each) =>
    withSettings(each, settings),
  ) as Words
  const section = (name: string) => (found[name] ?? {}) as Readonly<Record<string, Words>>
  return {
    services: mapEntries(section('services'), numbers),
    networks: section('networks'),
    volumes: section('volumes'),
    secrets: section('secrets'),
    configs: section('configs'),
  }
}

/** The image that each service names. */
export function imagesOf({ services }: StackFile): Readonly<Record<string, string>> {
  return mapEntries(services, ({ image }) => String(image))
}

/** What a stack is deployed with in the place of names that stay the same while what they stand for changes. */
export interface Pinned {
  /** service → repository@sha256:… */
  readonly images: Readonly<Record<string, string>>
  /** config → its name in the swarm */
  readonly configs: Readonly<Record<string, string>>
  /** secret → its name in the swarm */
  readonly secrets: Readonly<Record<string, string>>
  /** what every service is labelled with */
  readonly labels: Readonly<Record<string, string>>
}

/** The file with all of it in place: whoever gives it to `docker stack deploy` gets the same services. */
export function pinnedFile(file: StackFile, pinned: Pinned): StackFile {
  const external = (names: Readonly<Record<string, string>>) => (_: Words, name: string) => ({
    external: true,
    name: names[name] ?? name,
  })
  return {
    ...file,
    services: mapEntries(file.services, (service, name) => ({
      ...service,
      image: pinned.images[name] ?? String(service.image),
      deploy: { ...(service.deploy as Words | undefined), labels: pinned.labels },
    })),
    secrets: mapEntries(file.secrets, external(pinned.secrets)),
    configs: mapEntries(file.configs, external(pinned.configs)),
  }
}

/** The part of a file that these services are, with the networks and volumes that the swarm makes for them. */
export function only(file: StackFile, names: readonly string[]): StackFile {
  return { ...file, services: pick(file.services, names) }
}

/** Its text. A dollar sign is doubled, since Docker looks for variables once more. */
export function stackText(file: StackFile, about: string): string {
  const escaped = mapped(file as unknown as Value, (each) => each.replaceAll('$', '$$$$')) as Words
  const sections = Object.entries(escaped).filter(([, section]) => Object.keys(section as Words).length > 0)
  return `# ${about}\n${stringify(Object.fromEntries(sections), { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false })}`
}

/** The services of a text that was made by `stackText`. */
export function serviceNames(text: string): readonly string[] {
  return Object.keys((parse(text, { version: '1.1' }) as { services: object }).services)
}

/** 12 hex digits that stand for a text. */
export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

function withSettings(text: string, settings: Lookup): string {
  try {
    return interpolate(text, settings).text
  } catch (error) {
    if (!(error instanceof InterpolationError)) throw error
    throw new QuaysideError(`the stack's file: ${error.message}`, {
      hint: 'give it in stack_settings',
      exitCode: 2,
    })
  }
}

/** Where Docker wants a number and takes a text for one only where a variable stood. */
function numbers(service: Words): Words {
  const deploy = service.deploy as Words | undefined
  const ports = service.ports as readonly Words[] | undefined
  const replicas = deploy?.replicas
  return {
    ...service,
    ...(replicas === undefined ? {} : { deploy: { ...deploy, replicas: Number(replicas) } }),
    ...(ports === undefined
      ? {}
      : { ports: ports.map((port) => ({ ...port, published: Number(port.published) })) }),
  }
}

function mapped(value: Value, text: (each: string) => string): Value {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((each: Value) => mapped(each, text))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each, text)]))
}

function mapEntries<A, B>(
  record: Readonly<Record<string, A>>,
  of: (value: A, key: string) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value, key)]))
}

function pick<A>(record: Readonly<Record<string, A>>, names: readonly string[]): Readonly<Record<string, A>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)))
}
