/** The least that a part of an upload has; S3 takes 5 MiB and more. */
export const partSize = 16 << 20
/** S3 takes no more parts of one object. */
export const mostParts = 10_000

/**
 * Bytes of the part of that number (from 1). All have the same size up to 78 GiB, as some servers want it; then the
 * size doubles each thousand parts, so that ten thousand of them hold a tebibyte, and memory grows only for what is huge.
 */
export function sizeOfPart(number: number): number {
  return number <= 5_000 ? partSize : partSize * 2 ** Math.ceil((number - 5_000) / 1_000)
}

/** How many parts of that size are under way at once, besides the one that is being filled. */
export function lanes(size: number): number {
  return Math.max(1, Math.floor((3 * partSize) / size))
}
