import { expect, test } from 'vitest'
import { codeOf, fromS3, passes } from '../../../../lib/backup/store/s3/error.ts'
import { lanes, mostParts, partSize, sizeOfPart } from '../../../../lib/backup/store/s3/part-size.ts'
import { pause, usual } from '../../../../lib/backup/store/s3/patience.ts'
import { pieces } from '../../../../lib/backup/store/s3/pieces.ts'

const gibibyte = 2 ** 30

test('ten thousand parts hold a tebibyte, and all are equal in what is not huge', () => {
  const sizes = Array.from({ length: mostParts }, (_, index) => sizeOfPart(index + 1))
  expect(sizes.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(1024 * gibibyte)
  expect(sizes.filter((each) => each === partSize).length * partSize).toBeGreaterThan(78 * gibibyte)
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
  expect(Math.max(...sizes)).toBeLessThan(5 * gibibyte)
})

test('what is in memory at once stays small, however many uploads are under way', () => {
  const together = [1, 2, 3, 4, 5, 6].map((uploads) => uploads * lanes(partSize, uploads))
  expect(together).toEqual([3, 4, 3, 4, 5, 6])
  expect(lanes(partSize * 2, 1)).toBe(1)
  expect(lanes(partSize * 32, 1)).toBe(1)
})

test.each([
  [[], [0]],
  [[1], [1]],
  [[4], [4]],
  [[5], [4, 1]],
  [
    [3, 3, 3],
    [4, 4, 1],
  ],
  [[11], [4, 4, 3]],
  [
    [0, 8, 0],
    [4, 4],
  ],
])('chunks of %j bytes are pieces of %j', async (chunks, expected) => {
  let next = 0
  const source = async function* () {
    for (const length of chunks) yield Buffer.from(Array.from({ length }, () => next++))
  }
  const seen: number[] = []
  const all: number[] = []
  const lasts: boolean[] = []
  for await (const piece of pieces(source(), [], () => 4)) {
    seen.push(piece.bytes.length)
    all.push(...piece.bytes)
    lasts.push(piece.last)
    piece.free()
  }
  expect(seen).toEqual(expected)
  expect(all).toEqual(Array.from({ length: next }, (_, index) => index))
  expect(lasts).toEqual(expected.map((_, index) => index === expected.length - 1))
})

test('waits double, are spread, and are bounded', () => {
  const longest = Array.from({ length: 9 }, (_, index) => pause(index + 1, usual, () => 1))
  expect(longest).toEqual([300, 600, 1200, 2400, 4800, 9600, 15000, 15000, 15000])
  expect(pause(1, usual, () => 0)).toBe(150)
})

const answer = (name: string, status: number | undefined, message = 'words of the server') =>
  Object.assign(new Error(message), {
    name,
    $metadata: status === undefined ? {} : { httpStatusCode: status },
  })
const broken = (code: string) => Object.assign(new Error(`connect ${code}`), { code })

test.each([
  [answer('SlowDown', 503), 'failed', true],
  [answer('InternalError', 500), 'failed', true],
  [answer('BadGateway', 502), 'failed', true],
  [answer('TooManyRequests', 429), 'failed', true],
  [answer('NotImplemented', 501), 'failed', false],
  [answer('RequestTimeout', 400), 'failed', true],
  [answer('XAmzContentSHA256Mismatch', 400), 'failed', true],
  [answer('NoSuchBucket', 404), 'no-bucket', false],
  [answer('NoSuchKey', 404), 'missing', false],
  [answer('Unknown', 403), 'denied', false],
  [answer('AccessDenied', 403), 'denied', false],
  [answer('SignatureDoesNotMatch', 403), 'denied', false],
  [answer('InvalidAccessKeyId', 403), 'denied', false],
  [answer('RequestTimeTooSkewed', 403), 'denied', false],
  [answer('CredentialsProviderError', undefined), 'denied', false],
  [answer('PreconditionFailed', 412), 'exists', false],
  [answer('QuotaExceeded', 403), 'full', false],
  [answer('InsufficientStorage', 507), 'full', true],
  [answer('TimeoutError', undefined), 'unreachable', true],
  [broken('ECONNREFUSED'), 'unreachable', true],
  [broken('ECONNRESET'), 'unreachable', true],
  [broken('ENOTFOUND'), 'unreachable', true],
  [broken('SELF_SIGNED_CERT_IN_CHAIN'), 'unreachable', false],
  [new TypeError('a mistake of ours'), 'failed', false],
] as const)('%s', (error, reason, again) => {
  const told = fromS3(error, 's3://b: cannot put a')
  expect(told.reason).toBe(reason)
  expect(passes(error)).toBe(again)
  expect(told.message).toMatch(/^s3:\/\/b: cannot put a: .+/)
  expect(told.message).toContain(codeOf(error))
  expect(told.cause).toBeUndefined()
})
