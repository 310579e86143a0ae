import { QuaysideError } from '../../error.ts'
import type { Keys } from '../../secret/age/key.ts'
import type { Secret } from '../../secret/index.ts'
import { type Base, listBases, readBase } from '../base/base.ts'
import { chainOf } from '../base/chain.ts'
import type { Store } from '../store/index.ts'
import { readArchives, type WalArchive } from '../wal/archive.ts'
import { type Chain, chainFrom } from '../wal/chain.ts'
import { lsnOf, timelineOf } from '../wal/name.ts'
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
  /** what that is made of: a full one, and those that are incremental upon it, in order; itself at the end */
  readonly parts: readonly Base[]
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
  const lines = new Lines(store, env, keys, to)
  const bases: Base[] = []
  for (const id of await listBases(store, env)) {
    const base = await readBase(store, env, id, key)
    bases.push(base)
    if (to !== 'latest' && new Date(base.endedAt) > to) continue
    const foreseen = await lines.from(base)
    if (foreseen !== undefined)
      return { ...foreseen, parts: await chainOf(base, (id) => readBase(store, env, id, key)) }
  }
  const base = chooseBase(bases, to)
  throw new QuaysideError(
    `base backup ${base.id} is of a timeline that was left: the server was put back to an earlier time and served from there on`,
    { hint: 'take a base backup of what serves now: backup.ts base; or go to a time before it was put back' },
  )
}

/** The logs of an environment's servers, as they stood at a time. */
class Lines {
  readonly #store: Store
  readonly #env: string
  readonly #keys: Keys
  readonly #to: RecoveryTime
  #archives: Promise<readonly WalArchive[]> | undefined

  constructor(store: Store, env: string, keys: Keys, to: RecoveryTime) {
    this.#store = store
    this.#env = env
    this.#keys = keys
    this.#to = to
  }

  /** Undefined where what served then does not descend from that base backup, but left its timeline earlier. */
  async from(base: Base): Promise<Omit<Foreseen, 'parts'> | undefined> {
    const archive = await this.#archiveOf(base)
    const histories = await readHistories(this.#store, this.#env, this.#known(archive), this.#keys)
    const start = { timeline: base.timeline, lsn: lsnOf(base.start), segmentBytes: base.segmentBytes }
    const chain = chainFrom(start, archive.files.keys(), histories)
    if ([...histories.keys()].some((timeline) => timeline > chain.timeline)) return undefined
    if (chain.segments.length === 0) throw noLog(base, chain)
    const last = archive.files.get(chain.segments.at(-1) ?? '')?.modified ?? new Date(0)
    // What a base backup itself needs is stored a moment before it ends.
    const until = new Date(Math.max(last.getTime(), Date.parse(base.endedAt)))
    return { base, archive, chain, first: surelyNeeded(chain, archive.files, this.#to), until }
  }

  async #archiveOf({ system }: Base): Promise<WalArchive> {
    this.#archives ??= readArchives(this.#store, this.#env)
    const found = (await this.#archives).find((each) => each.system === system)
    return found ?? { system, files: new Map() }
  }

  /** Without the timelines that were begun after the time: a server's history is stored when it begins one. */
  #known({ system, files }: WalArchive): WalArchive {
    const to = this.#to
    const then = [...files].filter(
      ([name, { modified }]) => timelineOf(name) === undefined || to === 'latest' || modified <= to,
    )
    return { system, files: new Map(then) }
  }
}

function noLog(base: Base, { gaps: [gap] }: Chain): QuaysideError {
  return new QuaysideError(
    `base backup ${base.id} cannot be used: ${gap?.first ?? 'the log that it needs'} is not in the archive`,
    { hint: 'backup.ts wal shows what there is' },
  )
}
