import { messageOf } from '../../error.ts'
import type { Server } from '../../postgres/database.ts'
import type { Secret } from '../../secret/index.ts'
import type { Store } from '../store/index.ts'
import { type Base, listBases, readBase } from './base.ts'
import { chainOf } from './chain.ts'
import { manifestOn } from './host-manifest.ts'

/** What a server says of itself before a base backup. */
export interface Summarizing {
  /** the system identifier */
  readonly system: string
  /** its version: "17.5" */
  readonly server: string
  /** whether it writes down which blocks its log changes: without that it cannot tell what is new */
  readonly summarizes: boolean
}

interface ParentOptions {
  readonly server: Server
  readonly store: Store
  readonly env: string
  readonly key: Secret
  readonly incrementals?: number
  readonly tell?: (text: string) => void
}

/**
 * The base backup that the next one may be incremental upon: the newest, if it is of this server and version, its manifest is
 * on the host, and fewer than `incrementals` have followed the full one. Undefined where a full one is due.
 */
export async function parentOf(
  { server, store, env, key, incrementals = 0, tell = () => {} }: ParentOptions,
  now: Summarizing,
): Promise<Base | undefined> {
  if (incrementals === 0 || !now.summarizes) return undefined
  const [newest] = await listBases(store, env)
  if (newest === undefined || (await manifestOn(server)) !== newest) return undefined
  const read = (id: string) => readBase(store, env, id, key)
  try {
    const base = await read(newest)
    if (base.system !== now.system || majorOf(base.server) !== majorOf(now.server)) return undefined
    return (await chainOf(base, read)).length > incrementals ? undefined : base
  } catch (error) {
    // A full one needs none of those that are there.
    tell(`not incremental, but full: ${messageOf(error)}`)
    return undefined
  }
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? version
}
