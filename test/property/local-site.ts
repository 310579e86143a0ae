import { accessSync, constants, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openConnection } from '../../lib/connection/open.ts'
import { userName } from '../../lib/user-name.ts'
import { localTarget } from '../unit/engine/local.ts'
import { localGrove } from './local-grove.ts'
import type { Site } from './site.ts'

/** This machine, for the properties of one file: a shell that stays open, and node's own file functions to look. */
export function localSite(): Site {
  const home = mkdtempSync(join(memory(), 'quayside-property-'))
  const held: { connection?: Site['connection'] } = {}
  let groves = 0
  beforeAll(async () => {
    held.connection = await openConnection(localTarget)
  })
  afterAll(async () => {
    await held.connection?.close()
    await rm(home, { recursive: true, force: true })
  })
  const { uid, gid } = userInfo()
  return {
    get connection() {
      if (held.connection === undefined) throw new Error('not before beforeAll')
      return held.connection
    },
    owners: [{ uid, gid, user: userName(), group: String(gid) }],
    count: join(home, 'count'),
    grove() {
      groves += 1
      return localGrove(join(home, `case-${groves}`))
    },
  }
}

/** Each change syncs its file to the disk, which a busy machine makes slow: memory is as good for a property. */
function memory(): string {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}
