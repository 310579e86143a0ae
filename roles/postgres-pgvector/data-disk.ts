import {
  assertThat,
  directory,
  filesystem,
  mount,
  packages,
  type Resource,
} from '../../lib/resource/index.ts'
import { sh } from '../../lib/script/index.ts'
import { paths, volume } from './paths.ts'

/**
 * A disk of the data's own, mounted, with the directory that the volume is in. A blank one where a database is already is
 * another disk than it was, or a move that a person has to make: served from there, the database would be an empty one.
 */
export function dataDisk(device: string, uid: number): readonly Resource[] {
  return [
    assertThat('a database keeps its disk', {
      that: sh`at=$(docker volume inspect -f '{{with .Options}}{{.device}}{{end}}' ${volume} 2>/dev/null) || exit 0
[ "$at" = ${paths.dataOnDisk} ] || { echo "it is in \${at:-docker's own place}"; exit 1; }
device=$(readlink -f -- ${device})
blkid -p -- "$device" >/dev/null || { echo ${`${device} is blank, or not there`}; exit 1; }
mounted=$(findmnt -nr -M ${paths.disk} -o SOURCE) || exit 0
[ "$(readlink -f -- "$mounted")" = "$device" ] || { echo "$mounted is mounted at "${paths.disk}; exit 1; }`,
      message: `this host has a database, and postgres_data_device ${device} is not the disk that it is on`,
      hint: 'roles/postgres-pgvector/README.md says how a database is moved to a disk of its own',
    }),
    packages(['e2fsprogs']),
    filesystem(device, 'ext4'),
    // A host whose disk is gone is to come up all the same, so that somebody can log in; its database does not.
    mount(paths.disk, { device, type: 'ext4', options: 'noatime,nofail', pass: 2 }),
    directory(paths.dataOnDisk, { owner: uid, group: uid, mode: 0o700 }),
  ]
}
