import { fileURLToPath } from 'node:url'

/** The project's own folder, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The words that start a playbook, named from the project's root, as a person does: `./zx playbooks/site.ts …` on the
 * Node in PATH, `bun playbooks/site.ts …` where the tests run on Bun. `npx zx` is the same and half a second more.
 */
export function argvOf(program: string, ...words: readonly string[]): [string, ...string[]] {
  const path = `${root}${program}`
  return process.versions.bun ? [process.execPath, path, ...words] : [`${root}zx`, path, ...words]
}
