import type { Secret } from '../secret/index.ts'
import { layout } from './layout.ts'
import { verified } from './signature.ts'
import { bytesOf } from './store/bytes.ts'
import type { Store } from './store/store.ts'

/** How a drill of a backup ended. */
export interface Verdict {
  readonly ok: boolean
  /** ISO 8601 */
  readonly finishedAt: string
}

/** The backup that evidence is looked for of, and the key that it is to be signed by. */
export interface Proven {
  readonly env: string
  readonly id: string
  /** undefined: evidence counts by its own key */
  readonly key: Secret | undefined
}

/** What a document says as evidence of that very backup: undefined where it is none, is another's, or is not signed by us. */
export function verdictOf(text: string, { env, id, key }: Proven): Verdict | undefined {
  try {
    const payload = verified('evidence', JSON.parse(text), key)
    if (typeof payload !== 'object' || payload === null) return undefined
    const field = (name: string): unknown => Reflect.get(payload, name)
    if (field('env') !== env || field('backup') !== id) return undefined
    const finishedAt = String(field('finishedAt'))
    return Number.isNaN(Date.parse(finishedAt)) ? undefined : { ok: field('ok') === true, finishedAt }
  } catch {
    return undefined
  }
}

/** What the newest evidence of a backup says, of keys of its folder: those of others are passed over. Names of drills sort by time. */
export async function newestVerdict(
  store: Store,
  keys: readonly string[],
  of: Proven,
): Promise<Verdict | undefined> {
  const folder = `${layout.backup(of.env, of.id)}drills/`
  const evidence = keys.filter((each) => each.startsWith(folder) && each.endsWith('.json'))
  for (const each of evidence.sort().reverse()) {
    const verdict = verdictOf((await bytesOf(store, each)).toString('utf8'), of)
    if (verdict !== undefined) return verdict
  }
  return undefined
}

/** The same of a backup whose folder was not listed yet. */
export async function lastDrill(
  store: Store,
  env: string,
  id: string,
  key: Secret | undefined,
): Promise<Verdict | undefined> {
  const keys: string[] = []
  for await (const each of store.list(`${layout.backup(env, id)}drills/`)) keys.push(each.key)
  return newestVerdict(store, keys, { env, id, key })
}
