import { cpSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const own = fileURLToPath(new URL('..', import.meta.url))

/** What a project of one's own is made of, as far as tests need it. */
const parts = [
  'lib',
  'stack',
  'compose',
  'kubernetes',
  'templates',
  'roles',
  'playbooks',
  'inventory/lab',
  'docs/schemas',
  'test/command-line.ts',
  'test/target.ts',
  'test/summary.ts',
  'test/unit/roles/context.ts',
  'runtime',
  'zx',
  'package.json',
  'tsconfig.json',
  'biome.json',
  'vitest.config.ts',
  '.gitignore',
]

/** What git would not take stays where it is: a person's own settings and secrets above all. */
const isShared = (path: string) => !/\/compose\/(?:secrets|[^/]+\.env)$/.test(path)

/** A copy of this project in a folder of its own, for tests that write into it. Gives the folder. */
export function projectCopy({ without = [] }: { without?: readonly string[] } = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'quayside-project-')))
  for (const part of parts)
    if (!without.includes(part))
      cpSync(join(own, part), join(root, part), { recursive: true, filter: isShared })
  symlinkSync(join(own, 'node_modules'), join(root, 'node_modules'))
  return root
}

/** Writes files into it, by their paths. */
export function put(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}
