import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'

/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  reactStrictMode: true,
  poweredByHeader: false,
  // nginx compresses; twice would be once too often.
  compress: false,
  // The container's root filesystem is read-only: nothing may be written beside the build.
  images: { unoptimized: true },
  experimental: { isrFlushToDisk: false },
  // Next's own is random. What is built from the same files is the same build, whatever its release is called.
  generateBuildId: () => hashOf('package-lock.json', 'next.config.mjs', 'tsconfig.json', ...sources('app')),
}

/** Names alone: Node 18.17 forgets most entries where it is asked for their types too. */
function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => `${folder}/${name}`)
    .filter((path) => statSync(path).isFile())
    .sort()
}

function hashOf(...files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 20)
}
