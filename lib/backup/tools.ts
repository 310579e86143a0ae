import { readFileSync } from 'node:fs'
import { QuaysideError } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { type Script, sh } from '../script/index.ts'
import type { Place } from './place.ts'

/** Prints each tool's first line; "tool -" where it is missing. */
const hostTools: Script = sh`
for tool in zstd age tar; do
  if command -v $tool >/dev/null; then echo "$tool $($tool --version 2>&1 | head -n 1)"; else echo "$tool -"; fi
done`

const serverTools: Script = sh`echo "pg_dump $(docker exec postgres pg_dump --version 2>&1 | head -n 1)"`

/** Versions of what a host seals with; undefined for what it lacks. */
export type Tools = ReadonlyMap<string, string | undefined>

/** Asks a host, and on the first of group db its PostgreSQL container. */
export async function toolsOf(place: Place, host: Host): Promise<Tools> {
  const connection = await place.connection(host)
  const script = host.name === place.plan.db.name ? sh`${hostTools}\n${serverTools}` : hostTools
  const { stdout } = await connection.run(script, { title: 'the look at its tools' })
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [tool = '', ...rest] = line.split(' ')
        return [tool, /v?(\d+\.\d[\w.]*)/.exec(rest.join(' '))?.[1]] as const
      }),
  )
}

/** The versions that a manifest names. Throws where a host lacks something. */
export async function demandTools(
  place: Place,
  hosts: readonly Host[],
): Promise<Readonly<Record<string, string>>> {
  const all = await Promise.all(hosts.map(async (host) => [host, await toolsOf(place, host)] as const))
  for (const [host, tools] of all)
    for (const [tool, version] of tools)
      if (version === undefined)
        throw new QuaysideError(`${host.name}: ${tool} is missing`, {
          hint: 'role backup installs it where backup_store is set: set that in group_vars/all.yaml',
        })
  const [, tools = new Map()] = all.find(([host]) => host.name === place.plan.db.name) ?? []
  const versions = Object.fromEntries([...tools].filter(([tool]) => tool !== 'tar'))
  return { quayside: ownVersion(), ...versions }
}

function ownVersion(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown'
}
