import { createArguments } from '../../resource/container-argv.ts'
import { awaitHealthy } from '../../resource/container-script.ts'
import { feed, lines, type Script, sh } from '../../script/index.ts'
import { place, type Scratch as Recovery } from '../pitr/scratch.ts'
import {
  careless,
  labelled,
  likeEveryServer,
  type Scratch,
  type ServerSpec,
  serverSettings,
} from './scratch.ts'

/**
 * Lets a recovered server serve as a drill's scratch server does: in the drill's network, where the app finds it. The
 * container that it was recovered in, which has no network, makes place for another on the same volume.
 */
export function serveRecovered(
  recovery: Pick<Recovery, 'name' | 'folder'>,
  scratch: Scratch,
  { image, memoryMb }: ServerSpec,
): Script {
  const { name, network, labels } = scratch
  const clients = `${place.root}/pg_hba.conf`
  const words = createArguments(name, {
    image,
    entrypoint: 'postgres',
    command: [
      '-D',
      place.data,
      ...serverSettings({
        ...careless(memoryMb),
        hba_file: clients,
        listen_addresses: '*',
        archive_mode: 'off',
        ssl: 'off',
        log_destination: 'stderr',
        logging_collector: 'off',
      }),
    ],
    user: 'postgres',
    mounts: [{ source: recovery.name, target: place.root }],
    ...likeEveryServer(scratch, memoryMb),
  })
  return lines(
    sh`set -e
docker stop -t 300 ${recovery.name} >/dev/null
docker rm ${recovery.name} >/dev/null
docker network create --internal ${labelled(labels)} ${network} >/dev/null`,
    // Passwords are those that the recovered roles have, or are given.
    sh`base64 -d >${`${recovery.folder}/pg_hba.conf`}${feed('local all postgres peer\nhost all all all scram-sha-256\n')}`,
    sh`docker run -d ${words} >/dev/null
${awaitHealthy(name, 300)}`,
  )
}
