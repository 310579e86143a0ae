import { createHash } from 'node:crypto'
import { layout } from '../../../lib/backup/layout.ts'
import type { Manifest } from '../../../lib/backup/manifest.ts'
import { writeManifest } from '../../../lib/backup/manifest-file.ts'
import { signed } from '../../../lib/backup/signature.ts'
import type { Store } from '../../../lib/backup/store/store.ts'
import { Secret } from '../../../lib/secret/index.ts'

export const key = new Secret('a signing key for tests alone')
export const stranger = new Secret('another signing key for tests')

/** The name of the backup of a night at two: 2026-11-25. */
export const idOf = (day: string, end = 'aaaaaa') => `${day.replaceAll('-', '')}T020000Z-${end}`

/** Puts a backup of volumes with these contents, complete with its manifest. */
export async function put(
  store: Store,
  id: string,
  contents: Readonly<Record<string, string | Buffer>>,
  env = 'lab',
): Promise<void> {
  const volumes = await Promise.all(
    Object.entries(contents).map(async ([name, text]) => {
      const entry = { key: `volumes/${name}.zst.age`, size: text.length, sha256: sha256(text), ms: 1 }
      await store.put(layout.backup(env, id) + entry.key, typeof text === 'string' ? Buffer.from(text) : text)
      return { host: 'app-1', kind: 'volume' as const, name, object: entry }
    }),
  )
  const manifest: Manifest = {
    version: 1,
    id,
    env,
    takenAt: '2026-11-25T02:00:00Z',
    finishedAt: '2026-11-25T02:00:09Z',
    by: 'anna@laptop',
    tools: {},
    recipients: [],
    volumes,
  }
  await writeManifest(store, manifest, key)
}

/** Puts evidence of a drill of that backup. */
export async function putDrill(
  store: Store,
  id: string,
  drill: string,
  says: Readonly<Record<string, unknown>>,
  by = key,
): Promise<void> {
  const payload = { env: 'lab', backup: id, finishedAt: '2026-11-25T03:00:00Z', ...says }
  const text = JSON.stringify(signed('evidence', payload, by))
  await store.put(layout.evidence('lab', id, drill, 'json'), Buffer.from(text))
}

export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex')
}
