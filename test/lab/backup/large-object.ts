import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { s3Store } from '../../../lib/backup/store/s3/index.ts'
import { settingsOf } from './s3-server.ts'

// A process of its own, so that its memory is what the store takes: puts and gets so many MiB, and prints how much it was.
const [, , prefix = 'large', words] = process.argv
const count = Number(words)
const store = await s3Store(settingsOf({ prefix }))
const mebibytes = (bytes: number) => Math.round(bytes / (1 << 20))
const chunk = randomBytes(1 << 20)
await store.put('warm', chunk)
const before = mebibytes(process.memoryUsage().rss)
const body = Readable.from(
  (async function* () {
    for (let left = count; left > 0; left -= 1) yield chunk
  })(),
  { objectMode: false },
)
await store.put('large', body)
let size = 0
for await (const part of await store.get('large')) size += part.length
await store.remove(['warm', 'large'])
store.close()
// In KiB, the most there ever was.
console.log(JSON.stringify({ size, before, most: mebibytes(process.resourceUsage().maxRSS * 1_024) }))
