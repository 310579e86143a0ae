import { raw, type Script, sh } from '../../script/index.ts'
import type { Settings } from './load-settings.ts'

/**
 * A shell's words as a command in an empty environment: PGOPTIONS, PGSERVICE and the like must not have a say. English, so
 * that what it says can be read.
 */
export const alone = 'env -i PATH="$PATH" LC_ALL=C "$@"'

/** A client program of the server's own version, in its container, as the administrator; has the script's standard input. */
export function inContainer(container: string, program: string, ...words: readonly Script[]): Script {
  const args = words.reduce((all, word) => sh`${all} ${word}`, raw(''))
  return sh`docker exec -i -u postgres ${container} sh -c ${`exec ${alone}`} sh ${program}${args}`
}

/** How libpq finds a database over the socket, and what its session sets: in a form that no name can break out of. */
export function conninfo(database: string, settings: Settings = {}): string {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  return Object.entries({
    dbname: database,
    host: '/var/run/postgresql',
    port: '5432',
    user: 'postgres',
    application_name: 'quayside backup',
    ...(options.length === 0 ? {} : { options: options.join(' ') }),
  })
    .map(([key, value]) => `${key}='${value.replace(/[\\']/g, '\\$&')}'`)
    .join(' ')
}
