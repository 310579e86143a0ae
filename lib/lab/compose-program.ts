import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'
import { docker } from './docker.ts'
import { ensureHostImage } from './host-image.ts'
import { state, stateDirectory } from './state.ts'

// What the program needs comes along, its loader first: this machine's Debian may be older than the program's.
const unpack = `set -e
exec 3>&1 >&2
dpkg -x /var/cache/apt/archives/docker-compose_*.deb /tmp/unpacked
program=$(find /tmp/unpacked -type f -name docker-compose -perm -1 | head -n 1)
mkdir -p /tmp/out/lib
cp "$program" /tmp/out/program
for library in $(ldd "$program" | grep -o '/[^ ]*'); do cp -L "$library" /tmp/out/lib/; done
mv /tmp/out/lib/ld-* /tmp/out/loader
cat >/tmp/out/docker-compose <<'END'
#!/bin/sh
here=$(dirname "$0")
exec "$here/loader" --library-path "$here/lib" "$here/program" "$@"
END
chmod 755 /tmp/out/docker-compose
tar -C /tmp/out -c . >&3`

const folder = join(stateDirectory, 'compose')

/** Where the lab unpacks Compose; it need not be there. */
export const composeProgram = join(folder, 'docker-compose')

/**
 * Compose from the Debian that lab hosts are made of, for a machine whose own packages have none or an old one. Returns
 * the path of the program; the engine must answer.
 */
export async function ensureComposeProgram(log: (line: string) => void): Promise<string> {
  if (existsSync(composeProgram)) return composeProgram
  const image = await ensureHostImage(log)
  log('unpacking docker compose')
  await mkdir(state.bootstrap, { recursive: true })
  const draft = await mkdtemp(join(state.bootstrap, 'compose-'))
  try {
    const container = (await docker(['create', image, 'sh', '-c', unpack])).trim()
    try {
      await run([
        'sh',
        '-c',
        'docker start --attach "$1" | tar -x -C "$2" --no-same-owner',
        'sh',
        container,
        draft,
      ])
    } finally {
      await docker(['rm', '--force', container])
    }
    await rename(draft, folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return composeProgram
}
