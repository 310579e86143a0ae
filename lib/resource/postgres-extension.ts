import { sh } from '../script/index.ts'
import { dockerProbe } from './docker.ts'
import { identifier, literal, type PostgresServer, psql, row } from './postgres.ts'
import { type Common, type Resource, resource, unchanged, unknown } from './resource.ts'

export interface PostgresExtensionOptions extends PostgresServer, Common {
  readonly database: string
  readonly name: string
  /** "0.8.0"; any that is installed, or the server's default one, unless told */
  readonly version?: string | undefined
}

/** An extension in a database. Unknown as long as the server does not offer it. */
export function postgresExtension(options: PostgresExtensionOptions): Resource {
  const { database, name, version, notify } = options
  const run = (sql: string) => sh`set -e
${psql(options, database, sql)}`
  const look = `select json_build_object('installed', installed_version, 'default', default_version)
from pg_available_extensions where name = ${literal(name)};
`
  return resource({
    id: `postgres extension ${name} in ${options.container}/${database}`,
    probe: dockerProbe(psql(options, database, look)),
    read: ({ stdout }) => row(stdout),
    plan: (is) => {
      if (is === undefined)
        return unknown(`the server in ${options.container} does not offer the extension ${name}`)
      const next = version ?? String(is.default)
      const installed = is.installed
      if (typeof installed !== 'string') {
        const create = `create extension ${identifier(name)} version ${literal(next)};\n`
        return { kind: 'change', summary: 'create', diff: `+${name} ${next}`, apply: run(create) }
      }
      if (version === undefined || version === installed) return unchanged
      const update = `alter extension ${identifier(name)} update to ${literal(version)};\n`
      return {
        kind: 'change',
        summary: 'update',
        diff: `-${name} ${installed}\n+${name} ${version}`,
        apply: run(update),
      }
    },
    notify,
  })
}
