import { QuaysideError } from '../error.ts'
import { type Script, sh } from '../script/index.ts'
import type { VolumePart } from './manifest.ts'
import { objectKeys } from './object-keys.ts'
import type { Place } from './place.ts'
import type { VolumeSource } from './plan.ts'
import { prefix, repairFolder } from './restore/folder.ts'
import { type Shipping, ship } from './ship.ts'

/** Prints the folder that holds a volume or path; fails where there is none. No container is started for it. */
function folderScript({ kind, name }: VolumeSource): Script {
  return kind === 'volume'
    ? sh`docker volume inspect --format '{{.Mountpoint}}' ${name}`
    : sh`[ -d ${name} ] || { echo 'no such folder' >&2; exit 1; }; printf '%s\n' ${name}`
}

const notOurs = `--exclude=./${prefix}*`

/**
 * GNU tar says with exit code 1 that a file changed or went while it was read: all others are well, so it is told and
 * no failure. Whoever must have such a file whole stops its writer first, or backs it up in its own way. What a restore has
 * put beside the content is none of it: with it, each backup after a restore would hold the old data once more.
 */
export function packScript(folder: string): Script {
  return sh`LC_ALL=C tar --create --numeric-owner --xattrs --acls --sparse --anchored ${notOurs} --directory=${folder} .
code=$?
[ "$code" -le 1 ]`
}

/** Where a source's files are on its host. Throws where they are not. */
export async function folderOf(place: Place, source: VolumeSource): Promise<string> {
  const { host, kind, name } = source
  const connection = await place.connection(host)
  const { code, stdout, stderr } = await connection.run(folderScript(source), { title: `${kind} ${name}` })
  const folder = stdout.trimEnd()
  if (code === 0 && folder.startsWith('/')) return folder
  throw new QuaysideError(`${host.name}: ${kind} ${name} cannot be backed up: ${stderr.trim()}`, {
    hint: 'backup_volumes names it',
  })
}

/** Puts right what a restore that died has left half-swapped: a backup would take it for the content. Under the lock, which says that none lives. */
export async function mendFolder(
  place: Place,
  { host, kind, name }: VolumeSource,
  folder: string,
): Promise<void> {
  const connection = await place.connection(host)
  const { code, stdout, stderr } = await connection.run(repairFolder(folder), { title: `${kind} ${name}` })
  if (code !== 0)
    throw new QuaysideError(
      `${host.name}: ${kind} ${name}: a restore that died cannot be undone: ${stderr.trim()}`,
    )
  if (stdout !== '') place.emit({ type: 'note', host: host.name, text: stdout.trimEnd() })
}

/** A volume or a folder of a host, with owners, modes, attributes and holes. */
export async function takeVolume(
  shipping: Shipping,
  source: VolumeSource,
  folder: string,
): Promise<VolumePart> {
  const { host, kind, name } = source
  const key = objectKeys.volume(host.name, kind, name)
  const title = `${kind} ${name} of ${host.name}`
  const { object, said } = await ship(shipping, { host, title, key, script: packScript(folder) })
  for (const line of said.split('\n').slice(-5))
    if (line.startsWith('tar: '))
      shipping.place.emit({ type: 'note', host: host.name, text: `${kind} ${name}: ${line.slice(5)}` })
  return { host: host.name, kind, name, object }
}
