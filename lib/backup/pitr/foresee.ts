import { QuaysideError } from '../../error.ts'
import type { Keys } from '../../secret/age/key.ts'
import type { Secret } from '../../secret/index.ts'
import { type Base, listBases, readBase } from '../base/base.ts'
import type { Store } from '../store/index.ts'
import { readArchives, type WalArchive } from '../wal/archive.ts'
import { type Chain, chainFrom } from '../wal/chain.ts'
import { lsnOf } from '../wal/name.ts'
import { readHistories } from '../wal/read.ts'
import { chooseBase, type RecoveryTime, refuseFuture, surelyNeeded } from './choose.ts'

/** Where a recovery's base backups and log are, and what opens and proves them. */
export interface RecoverySource {
  readonly store: Store
  readonly env: string
  readonly keys: Keys
  /** backup_signing_key, where it is known */
  readonly key: Secret | undefined
}

/** What a recovery would be made of. */
export interface Foreseen {
  readonly base: Base
  readonly archive: WalArchive
  readonly chain: Chain
  /** how many segments of the chain it needs for sure */
  readonly first: number
  /** when the last segment of the chain was stored: what came later is not archived */
  readonly until: Date
}

/** Chooses the base backup and the log for a time. Throws where there are none, and changes nothing. */
export async function foresee(
  { store, env, keys, key }: RecoverySource,
  to: RecoveryTime,
): Promise<Foreseen> {
  refuseFuture(to, new Date())
  const base = chooseBase(await basesUpTo(store, env, key, to), to)
  const archive = await archiveOf(store, env, base)
  const chain = chainFrom(startOf(base), archive.files.keys(), await readHistories(store, env, archive, keys))
  if (chain.segments.length === 0) throw noLog(base, chain)
  const last = archive.files.get(chain.segments.at(-1) ?? '')?.modified ?? new Date(0)
  // What a base backup itself needs is stored a moment before it ends.
  const until = new Date(Math.max(last.getTime(), Date.parse(base.endedAt)))
  return { base, archive, chain, first: surelyNeeded(chain, archive.files, to), until }
}

/** Base backups, the newest first, down to the first that a recovery to that time can begin with. */
async function basesUpTo(
  store: Store,
  env: string,
  key: Secret | undefined,
  to: RecoveryTime,
): Promise<readonly Base[]> {
  const bases: Base[] = []
  for (const id of await listBases(store, env)) {
    const base = await readBase(store, env, id, key)
    bases.push(base)
    if (to === 'latest' || new Date(base.endedAt) <= to) break
  }
  return bases
}

async function archiveOf(store: Store, env: string, { system }: Base): Promise<WalArchive> {
  const found = (await readArchives(store, env)).find((each) => each.system === system)
  return found ?? { system, files: new Map() }
}

function startOf({ timeline, start, segmentBytes }: Base) {
  return { timeline, lsn: lsnOf(start), segmentBytes }
}

function noLog(base: Base, { gaps: [gap] }: Chain): QuaysideError {
  return new QuaysideError(
    `base backup ${base.id} cannot be used: ${gap?.first ?? 'the log that it needs'} is not in the archive`,
    { hint: 'backup.ts wal shows what there is' },
  )
}
