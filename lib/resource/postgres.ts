import { feed, type Script, sh } from '../script/index.ts'
import { type Content, Secret } from '../secret/index.ts'
import { dockerName } from './docker.ts'

/** Where a PostgreSQL server runs, and as whom its administrator speaks to it over the local socket. */
export interface PostgresServer {
  /** name of the container */
  readonly container: string
  /** "postgres" unless told */
  readonly admin?: string | undefined
}

/**
 * Runs SQL inside the server's container. It travels on standard input; an error names no more than its first line. A busy
 * host's container runtime now and then cannot start a process (code 126, told on standard output): nothing has run then,
 * and it is tried once more.
 */
export function psql(server: PostgresServer, database: string, sql: Content): Script {
  const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=terse']
  return sh`quayside_psql() {
{ base64 -d${feed(sql)}} | docker exec -i ${dockerName(server.container, 'container')} psql ${words} -U ${server.admin ?? 'postgres'} -d ${postgresName(database)}
}
code=0; said=$(quayside_psql) || code=$?
if [ "$code" -eq 126 ]; then sleep 1; code=0; said=$(quayside_psql) || code=$?; fi
[ -z "$said" ] || if [ "$code" -eq 126 ]; then printf '%s\n' "$said" >&2; else printf '%s\n' "$said"; fi
(exit "$code")
`
}

/** The one row that a probe's SQL gave as JSON; undefined where it gave none. */
export function row(stdout: string): Readonly<Record<string, unknown>> | undefined {
  if (stdout.trim() === '') return undefined
  const value: unknown = JSON.parse(stdout)
  return typeof value === 'object' && value !== null ? { ...value } : undefined
}

/** A name as SQL takes it whatever it holds. */
export function identifier(name: string): string {
  return `"${postgresName(name).replaceAll('"', '""')}"`
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** SQL that ends with a secret literal, and stays a secret. */
export function withSecretLiteral(sql: string, secret: Secret): Secret {
  return new Secret(`${sql} ${literal(secret.reveal())};`, 'composed')
}

/** The name itself when PostgreSQL keeps it whole: 1 to 63 bytes. A "=" would make psql read a connection string. */
export function postgresName(name: string): string {
  const bytes = Buffer.byteLength(name)
  if (bytes < 1 || bytes > 63 || /[\0\n=]|^[-]|:\/\//.test(name)) {
    throw new TypeError(`not a name for PostgreSQL: ${JSON.stringify(name)}`)
  }
  return name
}
