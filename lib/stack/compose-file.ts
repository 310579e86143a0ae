import { stringify } from 'yaml'
import type { ConfigFile, Network, SecretFile, Stack, Volume } from './model.ts'
import { serviceWords, settingOnly, settingWords, type Words } from './service-words.ts'
import { merged, type Placed, placed, type Setting } from './setting.ts'
import { swarmWords } from './swarm-words.ts'

/** The file that the others extend: each service with all that is the same of it everywhere. */
export function baseFile(stack: Stack, about: string, secretsIn: string): string {
  return [
    comment(about, ''),
    section(
      'services',
      stack.services.map((service) => entry(service.name, serviceWords(service), service.about)),
    ),
    ...sections({ ...stack, secretsIn, network: networkWords }),
  ].join('\n')
}

/** A setting's file: what it adds to base.yaml. `docker compose -f` takes it alone. */
export function settingFile(stack: Stack, setting: Setting): string {
  const own = new Set((setting.more ?? []).map(({ name }) => name))
  const services = placed(stack.services, setting)
  return [
    comment(setting.about, ''),
    `name: \${COMPOSE_PROJECT_NAME:-${stack.name}-${setting.name}}\n`,
    section(
      'services',
      services.map((each) =>
        own.has(each.service.name)
          ? entry(
              each.service.name,
              { ...serviceWords(merged(each)), ...settingOnly(each.own) },
              each.service.about,
            )
          : entry(each.service.name, {
              extends: { file: 'base.yaml', service: each.service.name },
              ...settingWords(each),
            }),
      ),
    ),
    ...sections({
      ...both(stack, setting),
      builds: buildSecrets(services),
      secretsIn: setting.secretsIn,
      network: networkWords,
    }),
  ].join('\n')
}

/** The file for `docker stack deploy`. */
export function swarmFile(stack: Stack, setting: Setting): string {
  return [
    comment(setting.about, ''),
    section(
      'services',
      placed(stack.services, setting).map((each) =>
        entry(each.service.name, swarmWords(each), each.service.about),
      ),
    ),
    ...sections({ ...both(stack, setting), secretsIn: setting.secretsIn, network: overlayWords }),
  ].join('\n')
}

interface Parts {
  readonly networks: readonly Network[]
  readonly volumes: readonly Volume[]
  readonly secrets: readonly SecretFile[]
  readonly configs: readonly ConfigFile[]
  /** secrets of builds, by name: files of this machine */
  readonly builds?: Readonly<Record<string, string>>
  readonly secretsIn: string
  network(network: Network): Words
}

function both(stack: Stack, setting: Setting) {
  const left = new Set(setting.without ?? [])
  return {
    networks: [...stack.networks, ...(setting.networks ?? [])],
    volumes: [...stack.volumes, ...(setting.volumes ?? [])].filter(({ name }) => !left.has(name)),
    secrets: [...stack.secrets, ...(setting.secrets ?? [])],
    configs: [...stack.configs, ...(setting.configs ?? [])],
  }
}

function sections({ builds = {}, configs, network, networks, secrets, secretsIn, volumes }: Parts): string[] {
  const files = [
    ...secrets.map((each) => entry(each.name, { file: `${secretsIn}/${each.name}` }, each.about)),
    ...Object.entries(builds).map(([name, file]) => entry(name, { file })),
  ]
  return [
    section(
      'networks',
      networks.map((each) => entry(each.name, network(each), each.about)),
    ),
    section(
      'volumes',
      volumes.map((each) => entry(each.name, {}, each.about)),
    ),
    section('secrets', files),
    section(
      'configs',
      configs.map(({ name, path }) => entry(name, { file: path })),
    ),
  ].filter((text) => text !== '')
}

function networkWords({ internal, isolated }: Network): Words {
  if (!isolated) return internal ? { internal: true } : {}
  const option = (name: string) => `com.docker.network.bridge.${name}`
  return { driver_opts: { [option('enable_icc')]: 'false', [option('enable_ip_masquerade')]: 'false' } }
}

function overlayWords({ internal }: Network): Words {
  return { driver: 'overlay', ...(internal && { internal: true }) }
}

function buildSecrets(services: readonly Placed[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...services.map(({ own }) => own.build?.secrets ?? {}))
}

function section(name: string, entries: readonly string[]): string {
  return entries.length === 0 ? '' : `${name}:\n${entries.join(name === 'services' ? '\n' : '')}`
}

/** `name: words`, two spaces in, below what there is to say about it. */
function entry(name: string, words: Words, about?: string): string {
  const text =
    Object.keys(words).length === 0
      ? `${name}:\n`
      : stringify({ [name]: words }, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' })
  const indented = text.replaceAll(/^(?=.)/gm, '  ')
  return about === undefined ? indented : `${comment(about, '  ')}${indented}`
}

function comment(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => `${indent}#${line === '' ? '' : ` ${line}`}\n`)
    .join('')
}
