import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** From the top to the ground: a folder may import from itself and from what stands below it. */
const storeys = [
  ['playbooks'],
  ['stack'],
  ['roles'],
  ['lib/playbook'],
  ['lib/health', 'lib/swarm'],
  [
    'lib/deploy',
    'lib/scan',
    'lib/backup',
    'lib/lab',
    'lib/check',
    'lib/env',
    'lib/scaffold',
    'lib/stack',
    'lib/infra',
  ],
  ['lib/compose', 'lib/logs'],
  ['lib/report'],
  ['lib/engine'],
  ['lib/resource', 'lib/inventory', 'lib/postgres', 'lib/dockerfile', 'lib/metrics'],
  ['lib/connection'],
  ['lib/script'],
  ['lib/secret'],
  ['lib'],
]

const folderOf = (file: string): string => {
  const parts = relative(root, file).split('/')
  return parts[0] === 'lib' && parts.length > 2 ? `lib/${parts[1]}` : (parts[0] ?? '')
}
const storeyOf = (folder: string): number => storeys.findIndex((each) => each.includes(folder))

const files = ['lib', 'stack', 'roles', 'playbooks'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, folder, name)),
)

/** Imports of a file that are needed at run time or for types, as folders. */
function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map((match) =>
    folderOf(resolve(dirname(file), match[1] ?? '')),
  )
}

test('imports run downwards', () => {
  expect(files.length).toBeGreaterThan(50)
  const wrong = files.flatMap((file) => {
    const from = folderOf(file)
    return imports(file)
      .filter((to) => to !== from && storeyOf(to) <= storeyOf(from))
      .map((to) => `${relative(root, file)} (${from}) imports ${to}`)
  })
  expect(wrong).toEqual([])
})
