import { expect, test } from 'vitest'
import { unpinned } from '../../../lib/check/image-reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

test.each([
  'redis:7.0-alpine',
  'registry.lab:5000/standin/nginx:1.26',
  `redis@${digest}`,
  `registry.lab:5000/app:latest@${digest}`,
  'ghcr.io/a/b:v1',
])('%s is pinned', (reference) => {
  expect(unpinned(reference)).toBeUndefined()
})

test.each([
  ['redis', 'has no tag'],
  ['registry.lab:5000/redis', 'has no tag'],
  ['redis:', 'has no tag'],
  ['redis:latest', 'the tag `latest` of `redis:latest` moves'],
  ['nginx:stable-alpine', 'the tag `stable-alpine`'],
  ['redis@sha256:abc', 'has a digest that is none'],
])('%s is not: %s', (reference, why) => {
  expect(unpinned(reference)).toContain(why)
})
