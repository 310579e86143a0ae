import type { Store } from './store.ts'

/** A whole object, in memory: for manifests and evidence, never for what a database is in. */
export async function bytesOf(store: Store, key: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await store.get(key)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
