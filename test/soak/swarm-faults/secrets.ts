import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateDir } from '../../../lib/state.ts'

/** The secrets of the lab's swarm that stand in a text, by their names. */
export function secretsIn(text: string): readonly string[] {
  const folder = join(stateDir('lab-swarm'), 'secrets')
  const key = readFileSync(join(stateDir('lab-swarm'), 'ca', 'server.key'), 'utf8')
  const known = [
    ...readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8').trim()] as const),
    ['tls_key', key.split('\n')[1] ?? ''] as const,
  ].filter(([, value]) => value.length >= 12)
  if (known.length < 4) throw new Error('the secrets of the lab are not where they were')
  return known.filter(([, value]) => text.includes(value)).map(([name]) => name)
}
