import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { QuaysideError } from '../error.ts'
import { shownPath } from './fault.ts'
import { hostsJsonSchema, varsJsonSchema } from './json-schema.ts'
import type { PlayedRole } from './roles.ts'

/** The JSON Schemas that editors check an inventory by, as files of a folder. */
export function schemaTexts(roles: readonly PlayedRole[]): ReadonlyMap<string, string> {
  const text = (schema: unknown) => `${JSON.stringify(schema, null, 2)}\n`
  return new Map([
    ['vars.schema.json', text(varsJsonSchema(roles))],
    ['hosts.schema.json', text(hostsJsonSchema(roles))],
  ])
}

/** Writes them, and gives the paths. */
export async function writeSchemas(folder: string, roles: readonly PlayedRole[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  return Promise.all(
    [...schemaTexts(roles)].map(async ([name, text]) => {
      await writeFile(join(folder, name), text)
      return shownPath(join(folder, name))
    }),
  )
}

/** Throws where a file is not what the roles say now. */
export async function checkSchemas(folder: string, roles: readonly PlayedRole[]): Promise<void> {
  for (const [name, text] of schemaTexts(roles)) {
    const path = join(folder, name)
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue
    throw new QuaysideError(`${shownPath(path)} is not what the roles say`, {
      hint: 'npx zx playbooks/inventory.ts schema --write',
    })
  }
}
