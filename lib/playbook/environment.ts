import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../error.ts'
import { isLabName, type LabName } from '../lab/topology.ts'
import type { Args } from './flags.ts'

const inventories = fileURLToPath(new URL('../../inventory', import.meta.url))

/** The environment that a command line names, and the folder of its inventory. */
export function environmentOf(args: Args): { env: string; dir: string } {
  const env = args.text('env')
  const known = readdirSync(inventories, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  if (env === undefined)
    throw new UsageError('which environment?', known.map((name) => `--env ${name}`).join(', or '))
  if (!/^[a-z0-9][a-z0-9-]*$/i.test(env))
    throw new UsageError(`"${env}" cannot be the name of an environment`)
  const dir = args.text('inventory')
  return { env, dir: dir === undefined ? resolve(inventories, env) : resolve(dir) }
}

/** True for environments whose hosts are made on this machine. */
export function isLab(env: string): env is LabName {
  return isLabName(env)
}
