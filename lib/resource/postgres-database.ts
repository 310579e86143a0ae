import { sh } from '../script/index.ts'
import { dockerProbe } from './docker.ts'
import { identifier, literal, type PostgresServer, psql, row } from './postgres.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'

export interface PostgresDatabaseOptions extends PostgresServer, Common {
  readonly name: string
  readonly owner: string
  /** template to copy: "template0" is needed where the locale or encoding differs from template1's */
  readonly template?: string | undefined
  /** "UTF8"; taken into account at creation alone */
  readonly encoding?: string | undefined
  /** "C.UTF-8"; taken into account at creation alone */
  readonly locale?: string | undefined
}

/** A database with this owner. There is no resource that drops one. */
export function postgresDatabase(options: PostgresDatabaseOptions): Resource {
  const { name, owner, template, encoding, locale, notify } = options
  const run = (sql: string) => sh`set -e
${psql(options, 'postgres', sql)}`
  const create = [
    `create database ${identifier(name)} owner ${identifier(owner)}`,
    ...(template === undefined ? [] : [`template ${identifier(template)}`]),
    ...(encoding === undefined ? [] : [`encoding ${literal(encoding)}`]),
    ...(locale === undefined ? [] : [`locale ${literal(locale)}`]),
  ].join(' ')
  const look = `select json_build_object('owner', pg_get_userbyid(datdba)) from pg_database where datname = ${literal(name)};\n`
  return resource({
    id: `postgres database ${name} in ${options.container}`,
    probe: dockerProbe(psql(options, 'postgres', look)),
    read: ({ stdout }) => row(stdout),
    plan: (is) => {
      if (is === undefined)
        return { kind: 'change', summary: `create (owner ${owner})`, apply: run(`${create};\n`) }
      if (is.owner === owner) return unchanged
      const alter = `alter database ${identifier(name)} owner to ${identifier(owner)};\n`
      return { kind: 'change', summary: `owner ${String(is.owner)} → ${owner}`, apply: run(alter) }
    },
    notify,
  })
}
