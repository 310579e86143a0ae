import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { S3Settings } from '../../../lib/backup/settings.ts'
import { s3Store } from '../../../lib/backup/store/s3/index.ts'
import type { Patience } from '../../../lib/backup/store/s3/patience.ts'
import type { Store } from '../../../lib/backup/store/store.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { stateDir } from '../../../lib/state.ts'

/** The lab's S3 server, or the one that QUAYSIDE_TEST_S3 names (of the same keys, or of those in QUAYSIDE_TEST_S3_KEYS="access:secret"). */
export const endpoint = process.env.QUAYSIDE_TEST_S3 ?? 'http://127.0.0.1:5078'

/** Attempts as quick as a test wants them. */
export const quick: Patience = {
  attempts: 5,
  first: 20,
  most: 100,
  connect: 2_000,
  idle: 4_000,
  quiet: 5_000,
}

/** A folder of its own in the lab's bucket. */
export function settingsOf(over: Partial<S3Settings> = {}): S3Settings {
  const [access, secret] = process.env.QUAYSIDE_TEST_S3_KEYS?.split(':') ?? []
  const kept = (name: string) => readFileSync(join(stateDir('lab'), 'secrets', name), 'utf8').trim()
  return {
    bucket: 'quayside',
    prefix: `test-${randomBytes(6).toString('hex')}`,
    endpoint,
    region: 'us-east-1',
    path_style: true,
    access_key: new Secret(access ?? kept('backup_access_key')),
    secret_key: new Secret(secret ?? kept('backup_secret_key')),
    ...over,
  }
}

/** Removes all that is below the store's prefix, unfinished uploads too; gives what there was. */
export async function cleared(settings: S3Settings): Promise<{ keys: string[]; uploads: number }> {
  const store: Store = await s3Store(settings)
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  await store.remove(keys)
  const uploads = await store.sweep('', new Date(Date.now() + 3_600_000))
  store.close()
  return { keys, uploads }
}
