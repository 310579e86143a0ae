import { storeOf } from '../../lib/backup/store/index.ts'
import { openConnection } from '../../lib/connection/index.ts'
import { schemasOf } from '../../lib/engine/play.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { storeKeys } from '../../lib/lab/object-store.ts'
import { raw } from '../../lib/script/index.ts'
import { Secret } from '../../lib/secret/index.ts'
import { everyPlay } from '../../roles/stack.ts'

export const root = new URL('../..', import.meta.url).pathname

/** The database that is measured, beside the app's. */
export const database = 'bench'

/** A folder of its own in the lab's store, which is emptied at the end: it has room for a dozen of these backups. */
const place = {
  bucket: 'quayside',
  prefix: 'bench',
  endpoint: 'http://127.0.0.1:5078',
  host_endpoint: 'http://store.lab:9000',
  region: 'us-east-1',
  path_style: true,
}

/** What every playbook of the benchmark is told: that database alone, on a server that can hold its largest value several times. */
const vars = {
  postgres_memory_mb: 3072,
  backup_databases: [database],
  backup_redis: false,
  backup_store: {
    s3: {
      ...place,
      access_key: { generate: 'backup_access_key' },
      secret_key: { generate: 'backup_secret_key' },
    },
  },
}

const inventory = await loadInventory({
  env: 'lab',
  dir: `${root}inventory/lab`,
  schemas: [],
  besides: schemasOf(everyPlay),
  secrets: false,
})
const [host] = inventory.select('db')
if (host === undefined) throw new Error('the lab has no database host')
const { target } = host

// On first use: the benchmark itself starts the lab.
let opened: ReturnType<typeof openConnection> | undefined
const connected = () => {
  opened ??= openConnection(target)
  return opened
}

/** Runs shell text as root on the lab's database host, and gives what it printed; throws when it fails. */
export async function onHost(text: string): Promise<string> {
  const connection = await connected()
  const { stdout, stderr, code } = await connection.run(raw(text), { timeoutSeconds: 3600 })
  if (code !== 0) throw new Error(`${text}\nended with ${code}: ${stderr.slice(-2000)}`)
  return stdout.trim()
}

/** Ends the connection; no backup of the benchmark stays. */
export async function leave(): Promise<void> {
  await (await opened)?.close()
  await forget()
}

/** Removes every backup of the benchmark. */
export async function forget(): Promise<void> {
  const { access, secret } = await storeKeys()
  const keys = { access_key: new Secret(access), secret_key: new Secret(secret) }
  const store = await storeOf({ s3: { ...place, ...keys } }, { dir: root })
  for await (const { key } of store.list('')) await store.remove([key])
  store.close()
}

/** Runs SQL as the server's administrator. */
export const sql = (text: string, of = database) =>
  onHost(
    `docker exec -i -u postgres postgres psql -XAtq -v ON_ERROR_STOP=1 -d ${of} <<'end-of-sql'\n${text}\nend-of-sql`,
  )

/** The command line of a playbook in the lab. */
export function playbook(name: string, ...words: readonly string[]): readonly string[] {
  return told({}, name, ...words)
}

/** The same, with so many dumps of a database at once. */
export function inDumps(dumps: number, name: string, ...words: readonly string[]): readonly string[] {
  return told({ backup_dumps: dumps }, name, ...words)
}

function told(more: object, name: string, ...words: readonly string[]): readonly string[] {
  const all = JSON.stringify({ ...vars, ...more })
  return [`${root}zx`, `${root}playbooks/${name}.ts`, '--env', 'lab', ...words, '-x', all]
}
