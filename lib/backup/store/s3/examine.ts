import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { messageOf } from '../../../error.ts'
import { finding, tryOut } from '../examine.ts'
import { type Store, StoreError, type StoreFinding } from '../store.ts'
import type { Bucket } from './bucket.ts'
import { partSize } from './part-size.ts'

/** Whether the bucket keeps objects from being removed. Who may not ask is told no: it is HEAD that decides then. */
export async function locks(bucket: Bucket): Promise<boolean> {
  if (bucket.settings.lock_days !== undefined) return true
  return (await lockOf(bucket)) === true
}

/** Whether object lock is on; undefined where the key may not ask, or the server does not know. */
async function lockOf(bucket: Bucket): Promise<boolean | undefined> {
  const { client, sdk, settings } = bucket
  const command = new sdk.GetObjectLockConfigurationCommand({ Bucket: settings.bucket })
  try {
    const found = await bucket.ask('ask for object lock', (options) => client.send(command, options))
    return found.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled'
  } catch (error) {
    return error instanceof StoreError && /ObjectLockConfigurationNotFoundError/.test(error.message)
      ? false
      : undefined
  }
}

async function versioningOf(bucket: Bucket): Promise<boolean | undefined> {
  const { client, sdk, settings } = bucket
  const command = new sdk.GetBucketVersioningCommand({ Bucket: settings.bucket })
  try {
    const found = await bucket.ask('ask for versioning', (options) => client.send(command, options))
    return found.Status === 'Enabled'
  } catch {
    return undefined
  }
}

/** What is to be said of a bucket that is to hold backups. `over` makes a store of it in which a lock hinders no removal. */
export async function examineBucket(
  bucket: Bucket,
  over: (bucket: Bucket) => Store,
): Promise<readonly StoreFinding[]> {
  const { client, sdk, settings } = bucket
  const there = await finding(
    `${bucket.name} is there, and knows the access key`,
    'it cannot be used',
    async () => {
      // A list has an answer with words in it, which HeadBucket has not.
      const list = new sdk.ListObjectsV2Command({ ...bucket.below(''), MaxKeys: 1 })
      await bucket.ask('look into it', (options) => client.send(list, options))
    },
  )
  if (!there.ok) return [there]
  // What is only tried out is locked for a minute.
  const brief = settings.lock_days === undefined ? {} : { lock_days: 1 / 1_440 }
  const store = over(bucket.with(brief))
  const tried = await tryOut(store)
  const more = tried.every((each) => each.ok) ? [await inParts(store), await condition(store, bucket)] : []
  return [there, ...tried, ...more, ...(await keeping(bucket, settings.lock_days))]
}

/** An upload in parts needs rights of its own, and another condition. */
async function inParts(store: Store): Promise<StoreFinding> {
  return finding('it takes an object in parts', 'does not take an object in parts', async () => {
    const key = `quayside-examine-${randomBytes(6).toString('hex')}/parts`
    const half = Buffer.alloc(partSize / 2 + 1)
    const { size } = await store.put(key, Readable.from([half, half], { objectMode: false }))
    try {
      const found = await store.stat(key)
      if (found?.size !== size) throw new StoreError('it has another size', { reason: 'failed' })
      // Nothing is that old: this tells whether it may be asked.
      await store.sweep(key, new Date(0))
    } finally {
      await store.remove([key])
    }
  })
}

/** Whether the server itself refuses to overwrite. Where it does not, we look before we write, and two at once may mix. */
async function condition(store: Store, bucket: Bucket): Promise<StoreFinding> {
  const { client, sdk } = bucket
  const key = `quayside-examine-${randomBytes(6).toString('hex')}/condition`
  const input = { ...bucket.at(key), Body: Buffer.from('x'), IfNoneMatch: '*' }
  const put = async () => {
    await client.send(new sdk.PutObjectCommand(input))
  }
  try {
    await put()
    const refused = await put().then(
      () => false,
      () => true,
    )
    return {
      ok: true,
      text: refused
        ? 'the server itself refuses to overwrite, also when two write at once'
        : 'the server ignores If-None-Match: it is looked before it is written, which two runs of one instant could slip through',
    }
  } catch (error) {
    return {
      ok: true,
      text: `whether the server itself refuses to overwrite cannot be told: ${messageOf(error)}`,
    }
  } finally {
    await store.remove([key]).catch(() => {})
  }
}

/** What is said of versions and locks. */
async function keeping(bucket: Bucket, days: number | undefined): Promise<readonly StoreFinding[]> {
  const [versions, lock] = await Promise.all([versioningOf(bucket), lockOf(bucket)])
  const versioning =
    versions === undefined
      ? 'whether it keeps versions cannot be told'
      : versions
        ? 'it keeps versions: what prune removes stays until a lifecycle rule expires noncurrent versions'
        : 'it keeps no versions'
  if (days !== undefined && lock === false)
    return [
      { ok: true, text: versioning },
      {
        ok: false,
        text: `lock_days is ${days}, and the bucket has no object lock`,
        hint: 'object lock is set when a bucket is made: make another one, or leave lock_days out',
      },
    ]
  const locking =
    lock === undefined
      ? 'whether it has object lock cannot be told'
      : lock
        ? `it has object lock${days === undefined ? ', which lock_days would make use of' : `: each object is kept for ${days} days`}`
        : 'it has no object lock: who has the access key can remove backups'
  return [
    { ok: true, text: versioning },
    { ok: true, text: locking },
  ]
}
