import { sizeOfPart } from './part-size.ts'

/** What is sent at once. */
export interface Piece {
  /** from 1 */
  readonly number: number
  readonly bytes: Buffer
  /** nothing comes after it */
  readonly last: boolean
  /** gives the memory back, to be filled again: `bytes` must not be read any more */
  free(): void
}

/**
 * A stream cut into pieces of the sizes of parts; an empty one is one empty piece. They are filled in buffers
 * that are spare, so that memory does not grow by what the garbage collector has not come to yet.
 */
export async function* pieces(
  chunks: AsyncIterable<Uint8Array>,
  spare: Buffer[],
  sizeOf: (number: number) => number = sizeOfPart,
): AsyncGenerator<Piece> {
  let number = 1
  let buffer: Buffer | undefined
  let filled = 0
  const piece = (bytes: Buffer, length: number, last: boolean): Piece => ({
    number,
    bytes: bytes.subarray(0, length),
    last,
    free: () => {
      if (bytes.length === sizeOf(number)) spare.push(bytes)
    },
  })
  for await (let chunk of chunks) {
    while (chunk.byteLength > 0) {
      if (buffer !== undefined && filled === buffer.length) {
        yield piece(buffer, filled, false)
        number += 1
        buffer = undefined
      }
      if (buffer === undefined) {
        buffer = take(spare, sizeOf(number))
        filled = 0
      }
      const length = Math.min(chunk.byteLength, buffer.length - filled)
      buffer.set(chunk.subarray(0, length), filled)
      filled += length
      chunk = chunk.subarray(length)
    }
  }
  yield piece(buffer ?? Buffer.alloc(0), filled, true)
}

/** A buffer of that size: one that is spare, or a new one. Spare ones of another size are let go. */
function take(spare: Buffer[], size: number): Buffer {
  while (spare.length > 0) {
    const found = spare.pop()
    if (found?.length === size) return found
  }
  return Buffer.allocUnsafeSlow(size)
}
