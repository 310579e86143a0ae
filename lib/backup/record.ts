import type { Secret } from '../secret/index.ts'
import { layout } from './layout.ts'
import type { ObjectEntry } from './manifest.ts'
import { canonical, SignatureError, signed, verified } from './signature.ts'
import { type Store, StoreError } from './store/store.ts'

/** What a run that was interrupted had finished: a part of the manifest to be, and when it was taken. */
export interface PartRecord<Part = unknown> {
  readonly name: string
  readonly takenAt: string
  readonly recipients: readonly string[]
  readonly part: Part
}

/** Where the records of one backup are, and who vouches for them. */
export interface Records {
  readonly store: Store
  readonly env: string
  readonly id: string
  readonly key: Secret
}

/** Keeps what is done. Signed, since what stands in it will stand in a manifest. */
export async function keepPart({ store, env, id, key }: Records, record: PartRecord): Promise<void> {
  const document = signed('part', { env, id, ...record }, key)
  await store.put(layout.part(env, id, record.name), Buffer.from(JSON.stringify(document)))
}

/**
 * A part that was finished, if all of its objects are still there at their size and it was encrypted to the same
 * recipients; `objectsOf` gives undefined for a part that is not what is wanted now. None of it is an error: the part is
 * taken anew.
 */
export async function keptPart<Part>(
  { store, env, id, key }: Records,
  name: string,
  recipients: readonly string[],
  objectsOf: (part: Part) => readonly ObjectEntry[] | undefined,
): Promise<PartRecord<Part> | undefined> {
  const record = await recordOf<Part>({ store, env, id, key }, name)
  if (record === undefined || canonical(record.recipients) !== canonical(recipients)) return undefined
  const objects = objectsOf(record.part)
  if (objects === undefined) return undefined
  for (const object of objects) {
    const found = await store.stat(`${layout.backup(env, id)}${object.key}`)
    if (found?.size !== object.size) return undefined
  }
  return record
}

async function recordOf<Part>(
  { store, env, id, key }: Records,
  name: string,
): Promise<PartRecord<Part> | undefined> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of await store.get(layout.part(env, id, name))) chunks.push(Buffer.from(chunk))
    const document: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    const payload = verified('part', document, key) as PartRecord<Part> & { env: string; id: string }
    return payload.env === env && payload.id === id && payload.name === name ? payload : undefined
  } catch (error) {
    const none =
      (error instanceof StoreError && error.reason === 'missing') ||
      error instanceof SyntaxError ||
      error instanceof SignatureError
    if (none) return undefined
    throw error
  }
}
