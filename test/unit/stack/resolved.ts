import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const folder = fileURLToPath(new URL('../../../compose', import.meta.url))

/** As much of a service as the files are compared by. */
export interface Said {
  readonly image: string
  readonly user: string
  readonly read_only: boolean
  readonly init: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt?: readonly string[]
  readonly networks: readonly string[]
  readonly ports?: readonly unknown[]
  readonly healthcheck: unknown
  readonly secrets?: readonly string[]
  readonly volumes?: readonly { readonly type: string; readonly source?: string; readonly target: string }[]
  readonly environment?: Readonly<Record<string, string>>
  readonly restart?: string
  readonly logging: unknown
  readonly deploy: { readonly resources: { readonly limits: Readonly<Record<string, unknown>> } }
}

export interface File {
  readonly services: Readonly<Record<string, Said>>
  readonly networks: Readonly<Record<string, { internal?: boolean } | null>>
  readonly secrets: Readonly<Record<string, { file: string }>>
  readonly volumes?: Readonly<Record<string, unknown>>
}

type Raw = Omit<File, 'services'> & {
  services: Record<string, Said & { extends?: { file: string; service: string } }>
}

/** A file of compose/, each `extends` replaced by what it stands for, as Compose does it for the keys that are compared. */
export function resolved(name: string): File {
  const raw = parse(readFileSync(join(folder, name), 'utf8')) as Raw
  const services = Object.entries(raw.services).map(([service, { extends: base, ...own }]) => {
    if (base === undefined) return [service, own] as const
    const under = resolved(base.file).services[base.service]
    if (under === undefined) throw new Error(`${base.file} has no ${base.service}`)
    return [
      service,
      {
        ...under,
        ...own,
        networks: [...under.networks, ...(own.networks ?? [])],
        environment: { ...under.environment, ...own.environment },
      },
    ] as const
  })
  return { ...raw, services: Object.fromEntries(services) }
}
