import { hostname } from 'node:os'
import type { Fleet } from '../engine/fleet.ts'
import { QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { type Script, sh } from '../script/index.ts'
import { userName } from '../user-name.ts'
import { paths } from './paths.ts'

const file = `${paths.state}/lock`

/** Who runs this: "anna@laptop". */
export function whoami(): string {
  return `${userName()}@${hostname()}`
}

/**
 * Takes the lock with flock, held by a small process that lives only as long as the connection's own shell ($PPID):
 * a deploy whose process or network dies lets go by itself, and no lock is ever left behind to be broken by hand.
 */
function acquire(owner: string): Script {
  return sh`
mkdir -p ${paths.state} || exit 1
command -v flock >/dev/null || { echo 'flock is missing: install util-linux' >&2; exit 1; }
exec 9>>${file}
if ! flock -n 9; then cat ${file}; exit 75; fi
printf '%s\n' ${owner} > ${file}
shell=$PPID
( while kill -0 "$shell" 2>/dev/null; do sleep 0.5; done ) </dev/null >/dev/null 2>&1 &
echo $! > ${`${file}.pid`}
`
}

const release: Script = sh`
[ -f ${`${file}.pid`} ] && kill "$(cat ${`${file}.pid`})" 2>/dev/null
rm -f ${`${file}.pid`}
: > ${file}
`

/** Runs work while every edge is locked for it; a second deploy is told who holds the lock. */
export async function withLock<T>(
  fleet: Fleet,
  edges: readonly Host[],
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const taken: Host[] = []
  const owner = `${whoami()} runs ${what} since ${new Date().toISOString()}`
  try {
    // One after another and always in the same order, so that two deploys never hold half of the edges each.
    for (const edge of edges) {
      const session = await fleet.session(edge)
      session.pin() // the lock goes with this connection
      const { code, stdout, stderr } = await session.connection.run(acquire(owner))
      if (code === 75)
        throw new QuaysideError(`${edge.name}: locked: ${stdout.trim() || 'by another run'}`, {
          hint: 'wait for it to end; the lock goes with the process that holds it',
        })
      if (code !== 0) throw new QuaysideError(`${edge.name}: cannot take the deploy lock: ${stderr.trim()}`)
      taken.push(edge)
    }
    return await work()
  } finally {
    await Promise.allSettled(taken.map(async (edge) => (await fleet.session(edge)).connection.run(release)))
  }
}
