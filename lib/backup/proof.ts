import type { Secret } from '../secret/index.ts'
import { heldBackups } from './held.ts'
import type { Store } from './store/store.ts'

/** A restore that a drill has found well. */
export interface Proof {
  readonly backup: string
  /** when the drill ended */
  readonly at: Date
}

/** The newest one of an environment, by evidence that is signed by us; undefined where there is none. */
export async function newestProof(
  store: Store,
  env: string,
  key: Secret,
  now: Date,
): Promise<Proof | undefined> {
  const proofs = (await heldBackups(store, env, { key, now })).flatMap(({ id, complete, drill }) =>
    complete && drill?.passed === true ? [{ backup: id, at: drill.at }] : [],
  )
  return proofs.sort((a, b) => b.at.getTime() - a.at.getTime())[0]
}
