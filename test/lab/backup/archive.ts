import { identityToRecipient } from 'age-encryption'
import { type Store, storeOf } from '../../../lib/backup/store/index.ts'
import { storeKeys } from '../../../lib/lab/object-store.ts'
import { keysIn } from '../../../lib/secret/age/key.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { stateDir } from '../../../lib/state.ts'
import { walPaths } from '../../../roles/postgres-pgvector/wal/paths.ts'
import { onHost } from '../lab-host.ts'
import { inLab, type Outcome, type PlaybookOptions } from '../playbook.ts'
import { databasesOf } from './databases.ts'

/** The lab's server as it archives its log into a folder of its own in the lab's store, for as long as a test's file runs. */
export interface Archive {
  readonly store: Store
  /** runs a playbook by this archive's variables */
  run(name: string, args: readonly string[], options?: PlaybookOptions): Promise<Outcome>
  /** The archiver goes, and nothing of it is left. */
  end(): Promise<void>
}

/** Begins to archive, with a database of this name, which has vectors, and a base backup of it. */
export async function beginArchive(database: string): Promise<Archive> {
  const place = {
    bucket: 'quayside',
    prefix: database,
    endpoint: 'http://127.0.0.1:5078',
    host_endpoint: 'http://store.lab:9000',
    region: 'us-east-1',
    path_style: true,
  }
  const { access, secret } = await storeKeys()
  const ofStore = { access_key: new Secret(access), secret_key: new Secret(secret) }
  const store = await storeOf({ s3: { ...place, ...ofStore } }, { dir: '/' })
  const keys = await keysIn(`${stateDir('lab')}/age.txt`)
  const [identity] = keys?.identities ?? []
  if (identity === undefined) throw new Error('the lab has no age key')
  const keysOfStore = {
    access_key: { generate: 'backup_access_key' },
    secret_key: { generate: 'backup_secret_key' },
  }
  const vars = JSON.stringify({
    backup_store: { s3: { ...place, ...keysOfStore } },
    backup_recipients: [await identityToRecipient(identity.reveal())],
    backup_databases: [database],
    backup_redis: false,
    backup_volumes: [],
    postgres_archive: true,
    postgres_archive_access_key: keysOfStore.access_key,
    postgres_archive_secret_key: keysOfStore.secret_key,
  })
  const run: Archive['run'] = (name, args, options = {}) => inLab(name, [...args, '-x', vars], options)
  const { sql, dropAll } = databasesOf(database)
  await dropAll()
  await site(['-x', vars])
  await sql(`create database ${database} owner app`, 'postgres')
  await sql(`create extension vector;
    set role app;
    create table notes (id bigserial primary key, note text not null, e vector(3));
    insert into notes (note, e) select 'note ' || g, array[sin(g), cos(g * 1.7), sin(g * 0.3)]::vector from generate_series(1, 2000) g;
    create index notes_e on notes using hnsw (e vector_cosine_ops);
    -- Dead rows stay where they are, and with them what an index of vectors leads to.
    alter table notes set (autovacuum_enabled = false);
    create table links (id int primary key, note bigint references notes);`)
  must(await run('backup', ['base']))

  return {
    store,
    run,
    async end() {
      await dropAll()
      await site([])
      await onHost(
        'db-1',
        `systemctl disable -q --now ${walPaths.unit}
rm -rf /etc/systemd/system/${walPaths.unit} ${walPaths.folder} ${walPaths.state} ${walPaths.metrics}
systemctl daemon-reload`,
      )
      for await (const { key } of store.list('')) await store.remove([key])
      store.close()
    },
  }
}

async function site(args: readonly string[]): Promise<void> {
  must(await inLab('site', ['--limit', 'db-1', '--tags', 'postgres-pgvector', ...args]))
}

function must({ code, output }: Outcome): void {
  if (code !== 0) throw new Error(`ended with ${code}: ${output}`)
}

/** What recoveries have left on a host. */
export const leftOn = (host: string) =>
  onHost(
    host,
    `for label in quayside.scratch quayside.drill; do
  docker ps -aq --filter label=$label; docker volume ls -q --filter label=$label; docker network ls -q --filter label=$label
done`,
  )
