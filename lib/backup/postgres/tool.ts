import { raw, type Script, sh } from '../../script/index.ts'

/** Empties the environment: PGOPTIONS, PGSERVICE and the like must not have a say. English, so that what it says can be read. */
const clean = 'exec env -i PATH="$PATH" LC_ALL=C "$@"'

/** A client program of the server's own version, in its container, as the administrator; has the script's standard input. */
export function inContainer(container: string, program: string, ...words: readonly Script[]): Script {
  const args = words.reduce((all, word) => sh`${all} ${word}`, raw(''))
  return sh`docker exec -i -u postgres ${container} sh -c ${clean} sh ${program}${args}`
}

/** How libpq finds a database over the socket: in a form that no name can break out of. */
export function conninfo(database: string): string {
  return Object.entries({
    dbname: database,
    host: '/var/run/postgresql',
    port: '5432',
    user: 'postgres',
    application_name: 'quayside backup',
  })
    .map(([key, value]) => `${key}='${value.replace(/[\\']/g, '\\$&')}'`)
    .join(' ')
}
