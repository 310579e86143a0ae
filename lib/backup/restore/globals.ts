import { piped, type Script, sh } from '../../script/index.ts'

/**
 * Lets pg_dumpall's roles be given to a server that has some of them: what is there is altered, not made. Roles of the
 * inventory keep their password and attributes, since the inventory says what they are; what else is said of them
 * (ALTER ROLE … SET, memberships) holds. Tablespaces are folders of a host, and so must be there. By SQL alone: psql
 * takes no command of its own from a dump (\restrict).
 */
export function globalsFilter(managed: readonly string[]): Script {
  const make = String.raw`s/^\(CREATE ROLE .*;\)$/DO $quayside$ BEGIN \1 EXCEPTION WHEN duplicate_object THEN NULL; END $quayside$;/`
  const drop = managed.map((role) => `/^ALTER ROLE ${pattern(role)} WITH /d`)
  return sh`sed ${['-e', make, '-e', '/^CREATE TABLESPACE /d', ...drop.flatMap((each) => ['-e', each])]}`
}

/**
 * Applies globals that a script writes, compressed. What psql says goes to standard error, and so does what Docker says of a
 * program that it could not start: it writes that where the program would have written.
 */
export function applyGlobals(
  globals: Script,
  container: string,
  admin: string,
  managed: readonly string[],
): Script {
  const psql = ['psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=on', '-d', 'postgres', '-f', '-']
  return piped(
    globals,
    sh`zstd -dq`,
    globalsFilter(managed),
    sh`docker exec -i -u ${admin} ${container} ${psql} >&2`,
  )
}

/** A role's name as pg_dumpall writes it, in a basic regular expression: in quotes only where it must. */
function pattern(role: string): string {
  const quoted = `"${role.replaceAll('"', '""')}"`
  const escaped = (text: string) => text.replace(/[\\/.*[\]^$]/g, (each) => `\\${each}`)
  return `\\(${escaped(role)}\\|${escaped(quoted)}\\)`
}
