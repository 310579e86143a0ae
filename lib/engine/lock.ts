import { hostname } from 'node:os'
import { dirname } from 'node:path/posix'
import { QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { type Script, sh } from '../script/index.ts'
import { userName } from '../user-name.ts'
import type { Fleet } from './fleet.ts'

/** Who runs this: "anna@laptop". */
export function whoami(): string {
  return `${userName()}@${hostname()}`
}

/**
 * Takes the lock with flock, held by a small process that lives only as long as the connection's own shell ($PPID):
 * a run whose process or network dies lets go by itself, and no lock is ever left behind to be broken by hand.
 */
function acquire(file: string, owner: string): Script {
  return sh`
mkdir -p ${dirname(file)} || exit 1
command -v flock >/dev/null || { echo 'flock is missing: install util-linux' >&2; exit 1; }
exec 9>>${file}
if ! flock -n 9; then cat ${file}; exit 75; fi
printf '%s\n' ${owner} > ${file}
shell=$PPID
( while kill -0 "$shell" 2>/dev/null; do sleep 0.5 9>&-; done ) </dev/null >/dev/null 2>&1 &
echo $! > ${`${file}.pid`}
`
}

function release(file: string): Script {
  return sh`
[ -f ${`${file}.pid`} ] && kill "$(cat ${`${file}.pid`})" 2>/dev/null
rm -f ${`${file}.pid`}
: > ${file}
`
}

/** A lock on hosts. */
export interface Lock {
  /** a file on each of them */
  readonly file: string
  /** who else is meant, for the one who has to wait: "deploy" */
  readonly what: string
}

/** Runs work while hosts are locked for it; a second run is told who holds the lock. */
export async function withLock<T>(
  fleet: Fleet,
  hosts: readonly Host[],
  { file, what }: Lock,
  work: () => Promise<T>,
): Promise<T> {
  const taken: Host[] = []
  const owner = `${whoami()} runs ${what} since ${new Date().toISOString()}`
  try {
    // One after another and always in the same order, so that two runs never hold half of the hosts each.
    for (const host of hosts) {
      const session = await fleet.session(host)
      session.pin() // the lock goes with this connection
      const { code, stdout, stderr } = await session.connection.run(acquire(file, owner))
      if (code === 75)
        throw new QuaysideError(`${host.name}: locked: ${stdout.trim() || 'by another run'}`, {
          hint: 'wait for it to end; the lock goes with the process that holds it',
        })
      if (code !== 0) throw new QuaysideError(`${host.name}: cannot take the lock ${file}: ${stderr.trim()}`)
      taken.push(host)
    }
    return await work()
  } finally {
    await Promise.allSettled(
      taken.map(async (host) => (await fleet.session(host)).connection.run(release(file))),
    )
  }
}
