import { QuaysideError } from '../../error.ts'
import type { Host } from '../../inventory/inventory.ts'
import { piped, type Script, sh } from '../../script/index.ts'
import type { VolumePart } from '../manifest.ts'
import { openSealed } from '../sealed.ts'
import { dataFolder, dropBefore, listBefore, ours, repairFolder, swapFolder } from './folder.ts'
import { pourAll } from './pour.ts'
import type { Source, Tools } from './tools.ts'

/** The folder that is to hold a volume or path; made where there is none. */
export function placeFor({ kind, name }: Pick<VolumePart, 'kind' | 'name'>): Script {
  return kind === 'volume'
    ? sh`docker volume create ${name} >/dev/null && docker volume inspect --format '{{.Mountpoint}}' ${name}`
    : sh`mkdir -p ${name} && printf '%s\n' ${name}`
}

/**
 * Unpacks a compressed tar on standard input beside the content, on the same file system. Unless told, tar gives back
 * attributes of users alone: a program's capabilities are none of those.
 */
export function unpack(folder: string, run: string): Script {
  const next = `${folder}/${ours.next(run)}`
  const kept = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls', '--sparse']
  return sh`mkdir -m 700 ${next} || exit 1
${piped(sh`zstd -dq`, sh`tar --extract ${kept} ${`--directory=${next}`}`)}`
}

/**
 * Swaps content while the containers that use it are stopped. They are started again whatever comes of it; should this
 * shell be killed, the next restore starts them.
 */
export function swapStopped(folder: string, users: Script, run: string, stamp: string): Script {
  return sh`trap '' HUP PIPE
cd ${folder} || exit 1
users=$(${users}) || exit 1
printf '%s\n' $users >${ours.stopped}
[ -z "$users" ] || docker stop $users >/dev/null || exit 1
( ${swapFolder(folder, run, stamp)} )
code=$?
[ -z "$users" ] || docker start $users >/dev/null || code=1
[ "$code" != 0 ] || rm -f ${ours.stopped}
(exit "$code")`
}

/** Names of running containers that have it mounted. */
function usersOf({ kind, name }: VolumePart): Script {
  return sh`docker ps --format '{{.Names}}' --filter ${`volume=${name}`} ${kind === 'path' ? ['--no-trunc'] : []}`
}

/** Restores a volume or a folder in the place of its content, which is kept in it as `.quayside-before-…`. */
export async function restoreVolume(
  tools: Tools,
  source: Source,
  part: VolumePart,
  stamp: string,
): Promise<string> {
  const connection = await tools.connection(hostOf(tools, part))
  const what = `${part.kind} ${part.name} of ${part.host}`
  const run = async (script: Script, title: string) => {
    const { code, stdout, stderr } = await connection.run(script, { title })
    if (code !== 0) throw new QuaysideError(`${part.host}: ${title} failed: ${stderr.trim()}`)
    return stdout.trimEnd()
  }
  const folder = await run(placeFor(part), `the place for ${what}`)
  if (!folder.startsWith('/')) throw new QuaysideError(`${part.host}: ${what} has no folder: ${folder}`)
  const repaired = await run(repairFolder(folder), `the look at ${what}`)
  if (repaired !== '') tools.emit({ type: 'note', host: part.host, text: repaired })
  const { signal } = tools
  try {
    const sealed = await openSealed(tools.store, source.folder, part.object, tools.keys, signal)
    await pourAll(connection, unpack(folder, tools.run), sealed, { title: `unpacking ${what}`, signal })
    signal.throwIfAborted()
    await run(swapStopped(folder, usersOf(part), tools.run, stamp), `the swap of ${what}`)
  } catch (error) {
    await connection.run(repairFolder(folder)).catch(() => {})
    throw error
  }
  return `${folder}/${ours.before(stamp)}`
}

/** The host of that name here: the backup's own, or in another environment its namesake. */
export function hostOf({ inventory }: Pick<Tools, 'inventory'>, { host: name }: { host: string }): Host {
  const host = inventory.hosts.find((each) => each.name === name)
  if (host === undefined) throw new QuaysideError(`no host is called ${name} in ${inventory.env}`)
  return host
}

/** Removes what swaps have kept of the inventory's volumes and of Redis: gives the folders. */
export async function dropFolders(tools: Tools): Promise<readonly string[]> {
  const { plan } = tools
  const places = [
    ...(plan.settings.backup_redis ? [{ host: plan.db, find: dataFolder('redis') }] : []),
    ...plan.volumes.map(({ host, kind, name }) => ({ host, find: findFolder({ kind, name }) })),
  ]
  const dropped: string[] = []
  for (const { host, find } of places) {
    const connection = await tools.connection(host)
    const found = await connection.run(find, { title: 'the look at what is kept' })
    const folder = found.stdout.trimEnd()
    if (found.code !== 0 || !folder.startsWith('/')) continue
    const { stdout } = await connection.run(listBefore(folder))
    const kept = stdout.split('\n').filter((line) => line !== '')
    if (kept.length === 0) continue
    const { code, stderr } = await connection.run(dropBefore(folder))
    if (code !== 0) throw new QuaysideError(`${host.name}: ${folder}: ${stderr.trim()}`)
    dropped.push(...kept.map((each) => `${folder}/${each} on ${host.name}`))
  }
  return dropped
}

function findFolder({ kind, name }: Pick<VolumePart, 'kind' | 'name'>): Script {
  return kind === 'volume'
    ? sh`docker volume inspect --format '{{.Mountpoint}}' ${name}`
    : sh`printf '%s\n' ${name}`
}
