import type { StackFile, Value, Words } from './stack-file.ts'

/** A file without some of its services, and without the volumes, secrets, configs and networks that no other service has. */
export function without(file: StackFile, names: readonly string[]): StackFile {
  const left = (record: Readonly<Record<string, Words>>, used: (service: Words) => readonly string[]) => {
    const services = Object.entries(file.services)
    const of = (gone: boolean) =>
      new Set(services.filter(([name]) => names.includes(name) === gone).flatMap(([, each]) => used(each)))
    const [theirs, others] = [of(true), of(false)]
    return Object.fromEntries(
      Object.entries(record).filter(([name]) => others.has(name) || !theirs.has(name)),
    )
  }
  return {
    services: Object.fromEntries(Object.entries(file.services).filter(([name]) => !names.includes(name))),
    networks: left(file.networks, ({ networks }) => namesIn(networks)),
    volumes: left(file.volumes, ({ volumes }) => namesIn(volumes)),
    secrets: left(file.secrets, ({ secrets }) => namesIn(secrets)),
    configs: left(file.configs, ({ configs }) => namesIn(configs)),
  }
}

/** What a list of a service names: "backend", or { source: postgres-data, target: … }. */
function namesIn(list: Value | undefined): readonly string[] {
  if (!Array.isArray(list)) return []
  return (list as readonly Value[]).flatMap((each) => {
    if (typeof each === 'string') return [each]
    const { source } = each as Words
    return typeof source === 'string' ? [source] : []
  })
}
