import { StoreError } from '../store.ts'
import type { Bucket } from './bucket.ts'
import { fromS3 } from './error.ts'
import { headOf } from './head.ts'

/**
 * Removes objects. What a lock keeps stays as it is, and is reported when the rest has gone: S3 would hide it behind a
 * marker, where nobody sees it and it costs as before.
 */
export async function remove(
  bucket: Bucket,
  keys: readonly string[],
  how: { readonly page: number; readonly locks: boolean },
): Promise<void> {
  const kept = how.locks ? await locked(bucket, keys) : new Map<string, Date>()
  const free = keys.filter((key) => !kept.has(key))
  const refused: { key: string; code: string; message: string }[] = []
  for (let start = 0; start < free.length; start += how.page)
    refused.push(...(await removeSome(bucket, free.slice(start, start + how.page))))
  const [first] = [...kept].sort((a, b) => b[1].getTime() - a[1].getTime())
  if (first !== undefined)
    throw new StoreError(
      `${bucket.name}: ${many(kept.size)} kept by an object lock: ${first[0]} until ${first[1].toISOString()}`,
      { reason: 'locked', hint: 'nobody can remove it before; prune again then' },
    )
  const [wrong] = refused
  if (wrong === undefined) return
  const error = Object.assign(new Error(wrong.message), { name: wrong.code, $metadata: {} })
  throw fromS3(
    error,
    `${bucket.name}: cannot remove ${wrong.key}${refused.length > 1 ? ` and ${refused.length - 1} more` : ''}`,
  )
}

async function removeSome(bucket: Bucket, keys: readonly string[]) {
  const { client, sdk, settings } = bucket
  const command = {
    Bucket: settings.bucket,
    Delete: { Quiet: true, Objects: keys.map((key) => ({ Key: bucket.at(key).Key })) },
  }
  const { Errors: errors = [] } = await bucket.ask(`remove ${many(keys.length)}`, (options) =>
    client.send(new sdk.DeleteObjectsCommand(command), options),
  )
  return errors
    .filter((each) => each.Code !== 'NoSuchKey')
    .map((each) => ({
      key: bucket.ownKey(each.Key ?? ''),
      code: each.Code ?? 'failed',
      message: each.Message ?? '',
    }))
}

/** Those that a lock keeps, and until when. */
async function locked(bucket: Bucket, keys: readonly string[]): Promise<Map<string, Date>> {
  const found = new Map<string, Date>()
  const left = [...keys]
  const worker = async () => {
    for (let key = left.pop(); key !== undefined; key = left.pop()) {
      const until = (await headOf(bucket, key))?.ObjectLockRetainUntilDate
      if (until !== undefined && until > new Date()) found.set(key, until)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return found
}

function many(count: number): string {
  return count === 1 ? 'an object' : `${count} objects`
}
