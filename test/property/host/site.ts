import { afterAll, beforeAll } from 'vitest'
import type { Connection } from '../../../lib/connection/connection.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import { feed, lines, type Script, sh } from '../../../lib/script/index.ts'
import { labTarget } from '../../lab/lab-host.ts'
import type { Site } from '../site.ts'
import type { Grove, Owner, Plant } from '../tree.ts'
import { demand, treeFacts } from './look.ts'

/** A host of the lab, as root, for the properties of one file. */
export interface HostSite extends Site {
  /** a folder of the host that is there, and the tests' own */
  readonly folder: string
  /** the states before a case, made by real commands; throws what they said where one fails */
  arrange(script: Script): Promise<void>
}

const owners: readonly [Owner, ...Owner[]] = [
  { uid: 0, gid: 0, user: 'root', group: 'root' },
  { uid: 65534, gid: 65534, user: 'nobody', group: 'nogroup' },
  { uid: 33, gid: 4, user: 'www-data', group: 'adm' },
]

/** Opens the host for a file of tests. `sweep` takes away all that its cases make, before and after. */
export function hostSite(
  name: string,
  folder: string,
  sweep: Script,
  prepare: (connection: Connection) => Promise<void> = async () => undefined,
): HostSite {
  const held: { connection?: Connection } = {}
  const clean = sh`${sweep}
rm -rf --one-file-system -- ${folder}
`
  let groves = 0
  beforeAll(async () => {
    held.connection = await openConnection(labTarget(name))
    await held.connection.run(clean)
    await demand(held.connection, sh`mkdir -p ${folder}`)
    await prepare(held.connection)
  })
  afterAll(async () => {
    await held.connection?.run(clean)
    await held.connection?.close()
  })
  const connection = () => {
    if (held.connection === undefined) throw new Error('not before beforeAll')
    return held.connection
  }
  return {
    folder,
    owners,
    count: '/run/quayside-property-count',
    get connection() {
      return connection()
    },
    arrange: async (script) => void (await demand(connection(), script)),
    grove: () => {
      groves += 1
      return hostGrove(connection(), `${folder}/case-${groves}`)
    },
  }
}

/** A folder of a host, planted by its own programs. */
export async function hostGrove(connection: Connection, folder: string): Promise<Grove> {
  await demand(connection, sh`mkdir -p -- ${folder}`)
  return {
    folder,
    plant: async (things) =>
      void (await demand(connection, lines(...things.map((each) => plant(folder, each))))),
    look: () => treeFacts(connection, [folder], folder),
  }
}

function plant(folder: string, thing: Plant): Script {
  const path = `${folder}/${thing.at}`
  if (thing.kind === 'link') return sh`ln -s -- ${thing.target} ${path}`
  if (thing.kind === 'fifo') return sh`mkfifo -- ${path}`
  const made =
    thing.kind === 'directory'
      ? sh`mkdir -- ${path}`
      : sh`base64 -d >${path}${feed(Buffer.from(thing.content, 'latin1'))}`
  const { owner, mode } = thing
  return sh`${made}
${owner === undefined ? sh`` : sh`chown -h ${`${owner.uid}:${owner.gid}`} ${path}`}
${mode === undefined ? sh`` : sh`chmod ${`0${mode.toString(8).padStart(4, '0')}`} ${path}`}`
}
