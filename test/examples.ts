import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The files that a page of docs/ shows whole: each a block of TypeScript that begins with `// its/path.ts`. */
export function examplesOf(page: string): Readonly<Record<string, string>> {
  const text = readFileSync(fileURLToPath(new URL(`../docs/${page}`, import.meta.url)), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)^```$/gm)]
  return Object.fromEntries(blocks.map(([, path = '', code = '']) => [path, code]))
}

/** The worked example: a resource, a role and a playbook. */
export const workedExample = { ...examplesOf('writing-a-resource.md'), ...examplesOf('writing-a-role.md') }
