import { QuaysideError } from '../../error.ts'
import type { Server } from '../../postgres/database.ts'
import { type Script, sh } from '../../script/index.ts'

/**
 * PostgreSQL needs the manifest of a base backup to tell what has changed since. The store has it sealed, and the host has
 * no key: so the host keeps the last one's. Without it the next base backup is a full one.
 */
const folderOf = ({ container }: Server) => `/var/lib/quayside/base/${container}`
const fileOf = (server: Server, id: string) => `${folderOf(server)}/${id}.manifest`

/**
 * For `piped`: passes the tar of a base backup on, and keeps the manifest that is in it. Where that cannot be (a full disk)
 * the copy is missing, and nothing else: somebody always reads to the end. Whose own reader is gone ends, as any pipe does.
 */
export function keepManifest(server: Server, id: string): Script {
  const part = `${fileOf(server, id)}.part`
  const fifo = `${folderOf(server)}/${id}.fifo.part`
  return sh`umask 077; mkdir -p ${folderOf(server)} && rm -f ${folderOf(server)}/*.part && mkfifo ${fifo} || exec cat
{ tar -x -O -f - backup_manifest >${part} 2>/dev/null || rm -f ${part}; cat >/dev/null; } <${fifo} &
tee ${fifo}
code=$?
wait "$!"
rm -f ${fifo}
(exit "$code")`
}

/** The bytes of the files that stand in the manifest which keepManifest kept; undefined where it could not. */
export async function manifestBytes(server: Server, id: string): Promise<number | undefined> {
  const { stdout } = await server.connection.run(
    sh`awk -F '"Size": ' 'NF > 1 { split($2, size, ","); sum += size[1] } END { printf "%.0f", sum }' ${`${fileOf(server, id)}.part`}`,
    { title: 'look at the manifest of the base backup' },
  )
  return Number(stdout) > 0 ? Number(stdout) : undefined
}

/** Makes it the one that the next base backup is told of. */
export async function settleManifest(server: Server, id: string): Promise<void> {
  const file = fileOf(server, id)
  await server.connection.run(
    sh`[ ! -s ${`${file}.part`} ] || { rm -f ${folderOf(server)}/*.manifest; mv ${`${file}.part`} ${file}; }`,
    { title: 'keep the manifest of the base backup' },
  )
}

/** The id of the base backup whose manifest the host has. */
export async function manifestOn(server: Server): Promise<string | undefined> {
  const { stdout } = await server.connection.run(
    sh`cd ${folderOf(server)} 2>/dev/null && ls | sed -n 's/\\.manifest$//p' | tail -n 1`,
  )
  return stdout.trim() === '' ? undefined : stdout.trim()
}

/** In the container: a tmpfs. One name, since one run at a time has the lock: what a killed one left is overwritten. */
const inContainer = '/tmp/quayside-base.manifest'

/** Runs what makes a base backup with the manifest of an earlier one in the container; `words` are what it is to be told. */
export function withManifest(server: Server, id: string, base: (words: readonly string[]) => Script): Script {
  const { container, admin = 'postgres' } = server
  const exec = ['-i', '-u', admin, container, 'sh', '-c']
  return sh`docker exec ${exec} 'umask 077; cat >"$1"' sh ${inContainer} <${fileOf(server, id)} ||
  { echo 'what is needed to be incremental could not be put into the container' >&2; exit 1; }
${base([`--incremental=${inContainer}`])}
code=$?
docker exec ${exec} 'rm -f "$1"' sh ${inContainer} </dev/null
(exit "$code")`
}

/** Why PostgreSQL could not tell what has changed since; undefined where it failed for something else. */
export function noIncrement(error: unknown): string | undefined {
  if (!(error instanceof QuaysideError)) return undefined
  const [line] = /^.*(?:summar|incremental|manifest).*$/im.exec(error.message) ?? []
  return line?.trim()
}
