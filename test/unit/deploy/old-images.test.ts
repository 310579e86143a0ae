import { describe, expect, test } from 'vitest'
import { imagesOfNewest } from '../../../lib/deploy/old-images.ts'

const release = (id: string, digest = id) => ({
  id,
  config: 'c',
  images: { api: `r/api@${digest}`, web: `r/web@${digest}` },
})

describe('the images that stay', () => {
  test.each([
    ['those of the newest', ['a', 'b', 'c'], 2, ['r/api@b', 'r/api@c', 'r/web@b', 'r/web@c']],
    ['one that came back counts once', ['a', 'b', 'a', 'b'], 2, ['r/api@a', 'r/api@b', 'r/web@a', 'r/web@b']],
    ['all of a short history', ['a'], 5, ['r/api@a', 'r/web@a']],
    ['none of none', [], 5, []],
  ])('%s', (_, ids, count, images) => {
    expect(
      imagesOfNewest(
        ids.map((id) => release(id)),
        count,
      ),
    ).toEqual(images)
  })

  test('of a name that was given to another image the newer one', () => {
    expect(imagesOfNewest([release('a', '1'), release('a', '2')], 3)).toEqual(['r/api@2', 'r/web@2'])
  })
})
