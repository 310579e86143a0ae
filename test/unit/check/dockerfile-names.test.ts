import { expect, test } from 'vitest'
import { isDockerfile } from '../../../lib/check/dockerfiles.ts'

test.each([
  ['docker/api/Dockerfile', true],
  ['docker/api/Dockerfile.dev', true],
  ['api.Dockerfile', true],
  ['Containerfile', true],
  ['docker/quayside/Dockerfile.dockerignore', false],
  ['docker/quayside/.dockerignore', false],
  ['docs/Dockerfiles.md', false],
])('%s: %s', (path, expected) => {
  expect(isDockerfile({ path, shown: path, text: '' })).toBe(expected)
})
