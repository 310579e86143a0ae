import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseDockerfile } from '../../../lib/dockerfile/index.ts'
import { images, versions } from '../../../roles/versions.ts'

const docker = (path: string) => readFileSync(new URL(`../../../docker/${path}`, import.meta.url), 'utf8')

/** Every default that a Dockerfile gives an ARG; one that is given twice must be the same. */
function defaults(path: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { keyword, arguments: text } of parseDockerfile(docker(path))) {
    const [, name = '', value = ''] = /^(\w+)=["']?([^"']*)/.exec(keyword === 'ARG' ? text : '') ?? []
    if (name === '') continue
    expect([path, name, found[name] ?? value]).toEqual([path, name, value])
    found[name] = value
  }
  return found
}

test('Dockerfiles build upon the pins of roles/versions.ts', () => {
  expect(defaults('api/Dockerfile')).toMatchObject({ PYTHON_BASE: images.python })
  expect(defaults('web/Dockerfile')).toMatchObject({ NODE_BASE: images.node })
  expect(defaults('postgres/Dockerfile')).toMatchObject({
    POSTGRES_BASE: `postgres:${versions.postgres}`,
    PGVECTOR_VERSION: versions.pgvector,
    // Both change together, or neither.
    PGVECTOR_SHA256:
      versions.pgvector === '0.5.0'
        ? 'd8aa3504b215467ca528525a6de12c3f85f9891b091ce0e5864dd8a9b757f77b'
        : expect.not.stringMatching(/^d8aa3504/),
  })
})

test('what python installs is pinned to a version, line by line', () => {
  for (const name of ['requirements.txt', 'requirements.dev.txt', 'requirements.lab.txt'])
    for (const line of docker(`api/${name}`).split('\n'))
      expect(line).toMatch(/^(#.*|[a-z0-9-]+==\d[\w.]*)?$/)
})

test('what npm installs is pinned by its content', () => {
  const { packages } = JSON.parse(docker('web/package-lock.json'))
  const entries = Object.entries<{ integrity?: string }>(packages).filter(([path]) => path !== '')
  expect(entries.length).toBeGreaterThan(10)
  for (const [path, { integrity }] of entries)
    expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)])
})
