import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { messageOf, QuaysideError } from '../../error.ts'
import { type Store, StoreError, type StoreFinding } from './store.ts'

/** A finding from an attempt: `text` where it went well, what went wrong and what to do about it where it did not. */
export async function finding(
  text: string,
  failed: string,
  attempt: () => Promise<void>,
): Promise<StoreFinding> {
  try {
    await attempt()
    return { ok: true, text }
  } catch (error) {
    const hint = error instanceof QuaysideError ? error.hint : undefined
    return { ok: false, text: `${failed}: ${messageOf(error)}`, ...(hint === undefined ? {} : { hint }) }
  }
}

/** Tries on a store all that a backup needs, with an object that is removed again. Later steps are left out where they cannot tell anything. */
export async function tryOut(store: Store): Promise<readonly StoreFinding[]> {
  const findings: StoreFinding[] = []
  const folder = `quayside-examine-${randomBytes(6).toString('hex')}/`
  const key = `${folder}object`
  const text = `examined ${new Date().toISOString()}`
  const step = async (well: string, failed: string, attempt: () => Promise<void>) => {
    const found = await finding(well, failed, attempt)
    findings.push(found)
    return found.ok
  }
  await step('its objects can be listed', 'cannot list its objects', async () => {
    for await (const _ of store.list(folder)) break
  })
  const wrote = await step('it takes an object', 'does not take an object', async () => {
    await store.put(key, Buffer.from(text), { absent: true })
  })
  if (!wrote) return findings
  await step('it refuses to overwrite where it must not', 'overwrites what it must not', async () => {
    const second = await store
      .put(key, Buffer.from('another'), { absent: true })
      .catch((error: unknown) => error)
    if (second instanceof StoreError && second.reason === 'exists') return
    if (second instanceof Error) throw second
    throw new StoreError('a second write of the same key was taken, although it said not to overwrite', {
      reason: 'failed',
      hint: 'the server ignores If-None-Match: two runs at once could mix; take one that knows conditional writes',
    })
  })
  await step('what was written is read back', 'what was written is not read back', async () => {
    const came = (await buffer(await store.get(key))).toString()
    if (came !== text) throw new StoreError('other bytes came back', { reason: 'failed' })
  })
  await step('its objects can be removed', 'cannot remove an object', async () => {
    await store.remove([key])
    if ((await store.stat(key)) !== undefined) throw new StoreError('it is there still', { reason: 'failed' })
  })
  return findings
}
