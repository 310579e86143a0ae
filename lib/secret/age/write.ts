import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { encryptTo } from './crypt.ts'
import { noted } from './vault.ts'

/** Encrypts a text to the recipients and puts it in the place of a file in one step: never half of it. */
export async function writeEncrypted(
  path: string,
  text: string,
  recipients: readonly string[],
): Promise<void> {
  const sealed = await encryptTo(noted(text, recipients), recipients)
  await mkdir(dirname(path), { recursive: true })
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  )
  const draft = `${path}.${randomUUID().slice(0, 8)}~`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.writeFile(sealed)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}
