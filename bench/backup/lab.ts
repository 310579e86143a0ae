import { openConnection } from '../../lib/connection/index.ts'
import { schemasOf } from '../../lib/engine/play.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { raw } from '../../lib/script/index.ts'
import { everyPlay } from '../../roles/stack.ts'

export const root = new URL('../..', import.meta.url).pathname

/** The database that is measured, beside the app's. */
export const database = 'bench'

/** What every playbook of the benchmark is told: that database alone, on a server that can hold its largest value several times. */
const vars = {
  postgres_memory_mb: 3072,
  backup_databases: [database],
  backup_redis: false,
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

export const leave = async () => (await opened)?.close()

/** Runs SQL as the server's administrator. */
export const sql = (text: string, of = database) =>
  onHost(
    `docker exec -i -u postgres postgres psql -XAtq -v ON_ERROR_STOP=1 -d ${of} <<'end-of-sql'\n${text}\nend-of-sql`,
  )

/** The command line of a playbook in the lab. */
export function playbook(name: string, ...words: readonly string[]): readonly string[] {
  return inDumps(1, name, ...words)
}

/** The same, with so many dumps of a database at once. */
export function inDumps(dumps: number, name: string, ...words: readonly string[]): readonly string[] {
  const all = JSON.stringify({ ...vars, backup_dumps: dumps })
  return [`${root}zx`, `${root}playbooks/${name}.ts`, '--env', 'lab', ...words, '-x', all]
}
