import { layout } from '../layout.ts'
import type { Store, Stored } from '../store/index.ts'

/** What the store has of one server's log. */
export interface WalArchive {
  /** the server's system identifier, which initdb gave it */
  readonly system: string
  /** by the name that PostgreSQL knows it by */
  readonly files: ReadonlyMap<string, Stored>
}

/**
 * Where a file of the log is in the store, as the archiver of the postgres-pgvector role puts it. Segments are compressed;
 * the few lines of a history or a label are not.
 */
export function walKey(env: string, system: string, name: string): string {
  return `${layout.wal(env)}${system}/${name.slice(0, 8)}/${name}${name.includes('.') ? '.age' : '.zst.age'}`
}

/** Everything that archivers of an environment have stored, by server. */
export async function readArchives(store: Store, env: string): Promise<readonly WalArchive[]> {
  const prefix = layout.wal(env)
  const systems = new Map<string, Map<string, Stored>>()
  for await (const stored of store.list(prefix)) {
    const [system = '', , file = ''] = stored.key.slice(prefix.length).split('/')
    const name = file.replace(/(\.zst)?\.age$/, '')
    if (stored.key !== walKey(env, system, name)) continue
    const files = systems.get(system) ?? new Map<string, Stored>()
    systems.set(system, files.set(name, stored))
  }
  return [...systems].map(([system, files]) => ({ system, files }))
}
