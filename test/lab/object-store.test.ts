import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, describe, expect, test } from 'vitest'
import { startMachine, stopMachine } from '../../lib/lab/machines.ts'
import { buckets, ensureObjectStore, storeKeys, storeUrl } from '../../lib/lab/object-store.ts'
import { state } from '../../lib/lab/state.ts'
import { containerOf, hosts, storeMachine } from '../../lib/lab/topology.ts'
import { recipientOf } from '../../lib/secret/age/crypt.ts'
import { Secret } from '../../lib/secret/index.ts'
import { onHost } from './lab-host.ts'

const [bucket] = buckets
const key = `object-store-test/${process.pid}`
const log = (line: string) => console.log(`lab: ${line}`)
const right = await storeKeys()

function client({ access, secret } = right): S3Client {
  return new S3Client({
    endpoint: storeUrl,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: access, secretAccessKey: secret },
  })
}

const list = (keys = right, from: string = bucket) =>
  client(keys)
    .send(new ListObjectsV2Command({ Bucket: from, Prefix: key }))
    .then(
      ({ KeyCount }) => KeyCount,
      (error: unknown) => (error instanceof Error ? error.name : error),
    )

afterAll(() => client().send(new DeleteObjectCommand({ Bucket: bucket, Key: key })))

describe('the lab’s object store', () => {
  test.each(buckets)('bucket %s lists for the generated keys, and keeps no versions', async (name) => {
    expect(await list(right, name)).toBe(0)
    const { Status } = await client().send(new GetBucketVersioningCommand({ Bucket: name }))
    expect(Status).toBeUndefined()
  })

  test.each([
    ['another secret key', { ...right, secret: 'x'.repeat(32) }, 'SignatureDoesNotMatch'],
    ['another access key', { ...right, access: 'x'.repeat(32) }, 'InvalidAccessKeyId'],
  ])('%s is refused', async (_, keys, refusal) => {
    expect(await list(keys)).toBe(refusal)
  })

  test.each(hosts)('$name reaches it by its name', async ({ name }) => {
    const said = await onHost(name, `curl -sS -o /dev/null -w '%{http_code}' http://store.lab:9000/${bucket}`)
    expect(said).toBe('403')
  })

  test('other keys take the place of the old ones, which are then refused', async () => {
    const other = { access: `other-${process.pid}`, secret: 'y'.repeat(32) }
    try {
      admit(other)
      expect([await list(other), await list()]).toEqual([0, 'InvalidAccessKeyId'])
    } finally {
      await ensureObjectStore(log)
    }
    expect([await list(other), await list()]).toEqual(['InvalidAccessKeyId', 0])
  })

  test('its objects outlive a stop and a start of the machine', async () => {
    const body = `written before the stop by ${process.pid}`
    await client().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
    await stopMachine(storeMachine)
    expect(await list()).not.toBe(1)
    await startMachine(storeMachine)
    await ensureObjectStore(log)
    const { Body } = await client().send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    expect(await Body?.transformToString()).toBe(body)
  })
})

test('the lab’s age key is its owner’s alone, and names its public key', async () => {
  const [, publicKey, identity = ''] = readFileSync(state.ageKey, 'utf8').split('\n')
  expect(publicKey).toBe(`# public key: ${await recipientOf(new Secret(identity))}`)
  expect(statSync(state.ageKey).mode & 0o777).toBe(0o600)
})

function admit({ access, secret }: typeof right): void {
  const words = ['exec', '--interactive', containerOf(storeMachine.name), 'store-admit', ...buckets]
  const { status, stderr } = spawnSync('docker', words, { input: `${access}\n${secret}\n`, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
}
