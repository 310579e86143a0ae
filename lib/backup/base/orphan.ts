import { openDatabase, type Server } from '../../postgres/database.ts'
import { type Script, sh } from '../../script/index.ts'
import { outOf, withPipe } from '../postgres/crossing.ts'

/** What pg_basebackup of ours is called in pg_stat_activity; sessions of this process have other names. */
const application = 'quayside pg_basebackup'

/** The tar of a whole server, with a manifest, on standard output. `more` are further words of pg_basebackup's. */
export function baseScript(
  { container, admin = 'postgres' }: Server,
  id: string,
  more: readonly string[] = [],
): Script {
  const words = ['-U', admin, '-D', '-', '-Ft', '-X', 'none', '--checkpoint=fast', '-l', `quayside ${id}`]
  const text = sh`LC_ALL=C PGAPPNAME=${application} exec "$@"`
  const args = [sh`pg_basebackup ${words} --manifest-checksums=SHA256 ${more}`]
  return withPipe(container, '', outOf({ container, user: admin, text, words: args }), admin)
}

/** A base backup that the host itself ends when its reader has gone: we were killed, or cut off, and cannot. */
export function endedWithReader(server: Server, base: Script): Script {
  return sh`${base}
code=$?
[ "$code" = 0 ] || ${endReceivers(server)} </dev/null >/dev/null 2>&1
(exit "$code")`
}

/** One that nobody reads stands still in a write, and hears nothing of its server; images have no pkill. */
const killOurs = `for each in /proc/[0-9]*; do
  case $(tr '\\0' ' ' <"$each/cmdline" 2>/dev/null) in pg_basebackup*' -l quayside '*) kill "\${each#/proc/}";; esac
done`

function endReceivers({ container, admin = 'postgres' }: Server): Script {
  return sh`docker exec -u ${admin} ${container} sh -c ${killOurs}`
}

/**
 * Ends base backups that nobody reads any more: `docker exec` does not end what it started when it is killed itself, and
 * the server would go on sending to it. Whoever calls it holds the lock, so that no other run's is meant.
 */
export async function endBases(server: Server): Promise<void> {
  await server.connection.run(endReceivers(server), { title: 'the end of what an earlier run left' })
  await using database = await openDatabase(server, 'postgres', { purpose: 'cleaning' })
  await database.rows(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()`,
    [application],
  )
}
