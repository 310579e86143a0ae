import { expect, test } from 'vitest'
import { builtTwice, labelsOf } from '../stack/images/twice.ts'

// Next.js' build from nothing takes a minute or two, twice; the api's is tried with each change.
test('the web’s image is the same, bit by bit, when it is built again from a new checkout', async () => {
  const { digests, labels } = await builtTwice('web')
  expect(digests[1]).toBe(digests[0])
  expect(labels).toEqual(labelsOf('web'))
})
