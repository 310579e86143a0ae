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

/** Parts that all uploads to a bucket have in memory together, as long as no more of them are under way than that. */
const inMemory = 5

/** How many parts of that size one of so many uploads has in memory at once: the one that is being filled, and those that are sent. */
export function lanes(size: number, uploads: number): number {
  return Math.max(1, Math.floor((Math.min(3, inMemory / uploads) * partSize) / size))
}
