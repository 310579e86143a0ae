import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readDotenv } from '../../../lib/env/dotenv.ts'
import { checkStage, exampleOf, reference, stageNames, stageOf } from '../../../stack/environment/index.ts'
import { emptyFolder, put } from './stage-folder.ts'

test.each(stageNames)('compose/%s.env.example is what the schemas say', (stage) => {
  const path = fileURLToPath(new URL(`../../../compose/${stage}.env.example`, import.meta.url))
  expect(readFileSync(path, 'utf8'), 'npx zx playbooks/env.ts example --write').toBe(exampleOf(stage))
})

test.each(stageNames)(
  '%s: every setting stands there once, and only what is required is left to fill in',
  (stage) => {
    const { settings } = stageOf(stage)
    const text = exampleOf(stage)
    for (const name of Object.keys(settings.properties))
      expect(text.match(new RegExp(`^#?${name}=`, 'gm')), name).toHaveLength(1)
    const { entries, faults } = readDotenv('x', text)
    expect(faults).toEqual([])
    expect(entries.map(({ name, value }) => [name, value])).toEqual(
      (settings.required ?? []).map((name) => [name, '']),
    )
  },
)

test.each(['dev', 'test'] as const)('%s: the example with all its defaults taken is right', async (stage) => {
  const directory = emptyFolder()
  put(directory, stage, exampleOf(stage).replaceAll(/^#(?=[A-Z_]+=)/gm, ''))
  expect((await checkStage(stage, { directory, env: {} })).findings).toEqual([])
  rmSync(directory, { recursive: true })
})

test.each([
  ['dev', 'API_PORT', '${API_PORT:-8000}'],
  ['dev', 'PUBLIC_URL', '${PUBLIC_URL:-https://localhost:${HTTPS_PORT:-8443}}'],
  ['dev', 'OLLAMA_URL', '${OLLAMA_URL:-}'],
  ['prod', 'RELEASE', '${RELEASE:?env.ts init prod makes a file for it}'],
] as const)('%s: a Compose file refers to %s by %s', (stage, name, text) => {
  expect(reference(stage, name as never)).toBe(text)
})

test('docs/environments.md has every setting and secret', () => {
  const docs = readFileSync(fileURLToPath(new URL('../../../docs/environments.md', import.meta.url)), 'utf8')
  for (const { settings, secrets } of stageNames.map(stageOf))
    for (const name of [...Object.keys(settings.properties), ...Object.keys(secrets.properties)])
      expect(docs).toContain(`\`${name}\``)
})
