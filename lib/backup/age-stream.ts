import { createDecipheriv, getCiphers, hkdfSync } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Decrypter } from 'age-encryption'
import { messageOf } from '../error.ts'
import { NoKeyMatches } from '../secret/age/crypt.ts'
import type { Keys } from '../secret/age/key.ts'

const cipher = 'chacha20-poly1305'
const tag = 16
/** What is encrypted at a time: https://age-encryption.org/v1, "Payload". */
const block = 64 * 1024 + tag

/**
 * Decrypts a binary file of age as it comes; memory stays flat. Throws at once NoKeyMatches, or `damaged` about the
 * header; the stream errors with it at the first block that is not as it was written, or missing. age-encryption reads
 * the header; the blocks are opened by the runtime's own cipher where it has one: five times as quick as JavaScript.
 */
export async function decrypted(
  source: Readable,
  keys: Keys,
  damaged: (text: string) => Error,
): Promise<Readable> {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const identity of keys.identities) decrypter.addIdentity(identity.reveal())
  const input = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  try {
    const { header, rest } = await headerOf(input, damaged)
    const fileKey = await decrypter.decryptHeader(header).catch((error: unknown) => {
      if (/no identity matched/.test(messageOf(error))) throw new NoKeyMatches()
      throw damaged(`age finds its header ${messageOf(error)}`)
    })
    const from = chain(rest, input)
    // Bun knows no such cipher.
    const out = getCiphers().includes(cipher)
      ? blocks(from, fileKey, damaged)
      : fromLibrary(decrypter, chain(header, from), damaged)
    // Blocks as they are: a stream of bytes would copy what it has into one whenever it is read.
    const stream = Readable.from(out, { objectMode: true, highWaterMark: 16 })
    // An iterator that was never asked cannot end its source.
    stream.once('close', () => source.destroy())
    return stream
  } catch (error) {
    source.destroy()
    throw error
  }
}

/** The header of a file of age, up to the end of its last line, and what was read beyond it. */
async function headerOf(
  input: AsyncIterator<Buffer>,
  damaged: (text: string) => Error,
): Promise<{ header: Buffer; rest: Buffer }> {
  let read: Buffer = Buffer.alloc(0)
  for (;;) {
    const last = read.indexOf('\n---')
    const end = last < 0 ? -1 : read.indexOf('\n', last + 1)
    if (end >= 0) return { header: read.subarray(0, end + 1), rest: read.subarray(end + 1) }
    if (read.length > 1 << 20) throw damaged('it is no file of age: no header was found')
    const next = await input.next()
    if (next.done) throw damaged('it ends within the header of age')
    read = Buffer.concat([read, next.value])
  }
}

async function* chain(first: Buffer, then: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (;;) {
    const next = await then.next()
    if (next.done) return
    yield next.value
  }
}

/** The payload, opened by the library. */
export async function* fromLibrary(
  decrypter: Decrypter,
  input: AsyncIterable<Buffer>,
  damaged: (text: string) => Error,
): AsyncGenerator<Uint8Array> {
  let broken: unknown
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      yield* input
    } catch (error) {
      broken = error
      throw error
    }
  }
  try {
    const web = Readable.toWeb(Readable.from(watched())) as ReadableStream<Uint8Array>
    yield* (await decrypter.decrypt(web)) as unknown as AsyncIterable<Uint8Array>
  } catch (error) {
    throw broken ?? damaged(`age cannot open it: ${messageOf(error)}`)
  }
}

/** The payload, opened block by block. The last one is marked as such, so that what was cut off is missed. */
export async function* blocks(
  input: AsyncIterable<Buffer>,
  fileKey: Uint8Array,
  damaged: (text: string) => Error,
): AsyncGenerator<Buffer> {
  let key: Buffer | undefined
  const nonce = Buffer.alloc(12)
  let count = 0
  const open = (sealed: Buffer, last: boolean): Buffer => {
    // 11 bytes count the blocks, the twelfth says whether it is the last.
    nonce.writeUIntBE(count, 5, 6)
    nonce[11] = last ? 1 : 0
    count += 1
    const decipher = createDecipheriv(cipher, key ?? Buffer.alloc(0), nonce, { authTagLength: tag })
    decipher.setAuthTag(sealed.subarray(-tag))
    const text = decipher.update(sealed.subarray(0, -tag))
    try {
      decipher.final()
    } catch {
      throw damaged(`age cannot open it at byte ${(count - 1) * block} of its content`)
    }
    return text
  }
  const salt = Buffer.alloc(16)
  let salted = 0
  // One for all blocks: what is allocated anew for each has the garbage collector run several times a second.
  const sealed = Buffer.allocUnsafe(block)
  let filled = 0
  for await (const chunk of input) {
    let at = 0
    if (key === undefined) {
      at = chunk.copy(salt, salted)
      salted += at
      if (salted === salt.length) key = Buffer.from(hkdfSync('sha256', fileKey, salt, 'payload', 32))
    }
    while (at < chunk.length) {
      // A block is opened when more is there: only then it is known not to be the last.
      if (filled === block) {
        yield open(sealed, false)
        filled = 0
      }
      const copied = chunk.copy(sealed, filled, at)
      filled += copied
      at += copied
    }
  }
  if (filled < tag) throw damaged('it ends before its content does')
  const text = open(sealed.subarray(0, filled), true)
  if (count > 1 && text.length === 0) throw damaged('its last block is empty')
  yield text
}
