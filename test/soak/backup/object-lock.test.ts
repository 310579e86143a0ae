import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { bucketOf } from '../../../lib/backup/store/s3/client.ts'
import { s3Store } from '../../../lib/backup/store/s3/index.ts'
import { keysOf, refused, streamed } from '../../backup/store-contract.ts'
import { quick, settingsOf } from '../../lab/backup/s3-server.ts'

test('an object lock keeps what it was set for, and remove says so', async () => {
  const bucket = `quayside-locked-${randomBytes(4).toString('hex')}`
  const locked = settingsOf({ bucket, lock_days: 1 })
  const { client, sdk } = await bucketOf(locked)
  await client.send(new sdk.CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }))
  const other = await s3Store(locked, { patience: quick })
  // A lock of seconds, so that the bucket can be removed again.
  const brief = await s3Store({ ...locked, lock_days: 25 / 86_400 }, { patience: quick })
  await brief.put('large', streamed(randomBytes(17_000_000)))
  await brief.put('small', Buffer.from('x'))
  await expect(other.remove(['small', 'large', 'none'])).rejects.toMatchObject({
    reason: 'locked',
    message: expect.stringMatching(/2 objects kept by an object lock: small until 2/),
  })
  expect(await keysOf(other, '')).toEqual(['large', 'small'])
  await expect
    .poll(() => refused(other.remove(['small', 'large'])), { timeout: 40_000, interval: 2_000 })
    .toBeUndefined()
  other.close()
  brief.close()
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new sdk.ListObjectVersionsCommand({ Bucket: bucket }),
  )
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
    await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key, VersionId }))
  await client.send(new sdk.DeleteBucketCommand({ Bucket: bucket }))
}, 90_000)
