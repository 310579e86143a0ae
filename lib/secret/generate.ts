import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SecretError } from './error.ts'
import { withoutLastNewline } from './read.ts'

/**
 * The secret of that name: 32 random URL-safe characters, made on first use and kept as `folder`/name, mode 0600.
 * Two runs that both find none agree on one: a complete file is linked into place, and the first link wins.
 */
export async function generated(name: string, folder: string): Promise<string> {
  const path = join(folder, name)
  const value = (await read(path)) ?? (await create(path, folder))
  if (value === '')
    throw new SecretError(`${path} is empty`, `remove it to have a new secret made: rm ${path}`)
  return value
}

async function create(path: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const draft = `${path}.${randomBytes(6).toString('hex')}~`
  try {
    await writeFile(draft, `${randomSecret()}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(draft, path).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  return (await read(path)) ?? ''
}

async function read(path: string): Promise<string | undefined> {
  try {
    return withoutLastNewline(await readFile(path, 'utf8'))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** 24 random bytes are 32 characters of base64url; one that starts like a flag would be misread by some program. */
function randomSecret(): string {
  const secret = randomBytes(24).toString('base64url')
  return /^[A-Za-z0-9]/.test(secret) ? secret : randomSecret()
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
