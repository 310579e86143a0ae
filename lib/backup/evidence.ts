import type { Secret } from '../secret/index.ts'
import { layout } from './layout.ts'
import { SignatureError, verified } from './signature.ts'
import type { Store } from './store/store.ts'

/** How a drill of a backup ended. */
export interface Verdict {
  readonly ok: boolean
  /** ISO 8601 */
  readonly finishedAt: string
}

/** What the newest evidence beside a backup says; evidence that cannot be read, or is not signed by us, says nothing. */
export async function lastDrill(
  store: Store,
  env: string,
  id: string,
  key: Secret | undefined,
): Promise<Verdict | undefined> {
  const keys: string[] = []
  for await (const each of store.list(`${layout.backup(env, id)}drills/`))
    if (each.key.endsWith('.json')) keys.push(each.key)
  const verdicts = await Promise.all(keys.map((each) => verdictOf(store, each, key)))
  const [newest] = verdicts
    .filter((each) => each !== undefined)
    .sort((a, b) => (a.finishedAt < b.finishedAt ? 1 : -1))
  return newest
}

async function verdictOf(store: Store, key: string, by: Secret | undefined): Promise<Verdict | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of await store.get(key)) chunks.push(Buffer.from(chunk))
  try {
    const payload = verified('evidence', JSON.parse(Buffer.concat(chunks).toString('utf8')), by)
    if (typeof payload !== 'object' || payload === null) return undefined
    const { ok, finishedAt } = payload as Partial<Record<keyof Verdict, unknown>>
    return typeof ok === 'boolean' && typeof finishedAt === 'string' ? { ok, finishedAt } : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SignatureError) return undefined
    throw error
  }
}
