import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Store, type Stored, StoreError } from '../lib/backup/store/store.ts'

/** A store that forgets, for tests; `objects` are its bytes, to be damaged. */
export function memoryStore(): Store & { readonly objects: Map<string, Buffer> } {
  const objects = new Map<string, Buffer>()
  const times = new Map<string, Date>()
  const storedOf = (key: string, { length }: Buffer): Stored => ({
    key,
    size: length,
    modified: times.get(key) ?? new Date(0),
  })
  return {
    name: 'memory',
    objects,
    async put(key, body, { absent = false } = {}) {
      const chunks: Buffer[] = []
      if (body instanceof Readable) for await (const chunk of body) chunks.push(Buffer.from(chunk))
      else chunks.push(Buffer.from(body))
      const bytes = Buffer.concat(chunks)
      if (absent && objects.has(key)) throw new StoreError(`memory: ${key} is there`, { reason: 'exists' })
      objects.set(key, bytes)
      times.set(key, new Date())
      return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
    },
    async get(key) {
      const bytes = objects.get(key)
      if (bytes === undefined) throw new StoreError(`memory: no ${key}`, { reason: 'missing' })
      return Readable.from([bytes])
    },
    async stat(key) {
      const bytes = objects.get(key)
      return bytes === undefined ? undefined : storedOf(key, bytes)
    },
    async *list(prefix) {
      for (const key of [...objects.keys()].sort())
        if (key.startsWith(prefix)) yield storedOf(key, objects.get(key) ?? Buffer.alloc(0))
    },
    async remove(keys) {
      for (const key of keys) objects.delete(key)
    },
    async sweep() {
      return 0
    },
    async examine() {
      return [{ ok: true, text: 'it is memory' }]
    },
    close() {},
  }
}
