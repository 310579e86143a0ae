import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { exit, messageOf } from '../../error.ts'
import { Decrypted, type EncryptedFile, findEncrypted } from '../../inventory/encrypted.ts'
import { Faults, shownPath } from '../../inventory/fault.ts'
import type { PlayedRole } from '../../inventory/roles.ts'
import { fromAge } from '../../inventory/secrets.ts'
import { survey } from '../../inventory/survey.ts'
import { named, type Recipient } from '../../secret/age/recipients.ts'
import type { Opened } from '../../secret/age/vault.ts'
import { SecretError } from '../../secret/error.ts'
import { exposedIn } from '../../secret/plain-text.ts'
import type { Place } from './place.ts'

/**
 * Tells whether every file opens and is encrypted to the recipients of today, whether what roles want is there, and
 * whether a secret lies in plain text beside. Other sources (from_env, from_command, …) are not asked.
 */
export async function checkSecrets(
  place: Place,
  roles: readonly PlayedRole[],
  print: (line: string) => void,
): Promise<number> {
  const recipients = await place.vault.recipients()
  const files = await findEncrypted(place.dir)
  const problems: string[] = []
  const notes: string[] = []
  const openable: EncryptedFile[] = []
  for (const file of files) {
    const shown = shownPath(file.path)
    try {
      const opened = await place.vault.open(file.path)
      openable.push(file)
      const { problem, note } = toWhomElse(opened, recipients)
      if (problem !== undefined) problems.push(`${shown}: ${problem}`)
      if (note !== undefined) notes.push(`${shown}: ${note}`)
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
      problems.push(`${error.message}${error.hint === undefined ? '' : `\n    ${error.hint}`}`)
    }
  }
  const faults = new Faults()
  const decrypted = await Decrypted.open(openable, place.vault, faults)
  const held = [...decrypted.all()].map(({ file, value }) => ({ file, ...value }))
  if (openable.length === files.length) {
    const used = await wanted(place, roles, decrypted, faults)
    for (const { file, variable } of held)
      if (!used.has(variable.name)) notes.push(`${shownPath(file.path)}: nothing uses \`${variable.name}\``)
  }
  const values = new Map(held.map(({ variable, secret }) => [variable.name, secret.reveal()]))
  problems.push(...faults.all.map((fault) => faultLine(fault)), ...(await exposed(place.dir, values)))
  for (const problem of problems) print(problem)
  for (const note of notes) print(`note: ${note}`)
  const many = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
  const what = `${many(files.length, 'encrypted file')}, ${many(held.length, 'secret')}`
  print(problems.length === 0 ? `${what}: all well` : `${what}: ${many(problems.length, 'problem')}`)
  return problems.length === 0 ? exit.done : exit.failed
}

/** How those who can open a file differ from those who are listed. */
function toWhomElse(
  { recipients, kinds }: Opened,
  listed: readonly Recipient[],
): { problem?: string; note?: string } {
  const cure = 'secrets.ts rekey'
  if (kinds.includes('scrypt'))
    return { problem: `is encrypted with a passphrase, not to recipients: ${cure}` }
  const other = kinds.filter((kind) => kind.startsWith('ssh-'))
  if (other.length > 0) return { problem: `SSH keys (${other.join(', ')}) can open it, too: ${cure}` }
  const count = kinds.filter((kind) => !kind.endsWith('-grease')).length
  const known = recipients?.length === count ? recipients : undefined
  if (known === undefined) {
    if (count !== listed.length)
      return { problem: `is encrypted to ${count} keys, recipients.txt lists ${listed.length}: ${cure}` }
    return { note: `was encrypted by another program: to whom cannot be told; to be sure: ${cure}` }
  }
  const extra = known.filter((key) => !listed.some((each) => each.key === key))
  const missing = listed.filter(({ key }) => !known.includes(key))
  const parts = [
    ...(missing.length === 0 ? [] : [`cannot be opened by ${missing.map(named).join(', ')}`]),
    ...(extra.length === 0
      ? []
      : [`can still be opened by ${extra.map((key) => named({ key, who: undefined })).join(', ')}`]),
  ]
  return parts.length === 0 ? {} : { problem: `${parts.join(', and ')}: ${cure}` }
}

/** Checks the inventory with what the files hold, and gives the names that are used. */
async function wanted(
  { env, dir }: Place,
  schemas: readonly PlayedRole[],
  decrypted: Decrypted,
  faults: Faults,
): Promise<ReadonlySet<string>> {
  const { checked, groups, faults: found } = await survey({ env, dir, schemas }, decrypted)
  for (const fault of found.all) faults.add(fault, fault.message, fault.hint)
  const used = new Set<string>()
  for (const [host, { secrets, connectionSecrets }] of checked)
    for (const { source, name, place } of [...secrets, ...connectionSecrets]) {
      if (!('from_age' in source)) continue
      used.add(source.from_age)
      try {
        fromAge(source.from_age, host, { env, dir, groups, decrypted })
      } catch (error) {
        if (!(error instanceof SecretError)) throw error
        faults.add(place, `\`${name}\`: ${messageOf(error)}`, error.hint)
      }
    }
  return used
}

/** Secrets in plain text among the files of the environment. */
async function exposed(dir: string, values: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of (await readdir(dir, { recursive: true })).sort()) {
    const path = join(dir, name)
    const { size, isFile } = await stat(path).then((each) => ({ size: each.size, isFile: each.isFile() }))
    if (!isFile || size > 1 << 20 || name.endsWith('.age')) continue
    for (const { line, what } of exposedIn(await readFile(path, 'utf8'), values))
      found.push(`${shownPath(path)}:${line}: ${what} stands here in plain text`)
  }
  return found
}

function faultLine({ file, line, column, message, hint }: Faults['all'][number]): string {
  return `${file}:${line}:${column}: ${message}${hint === undefined ? '' : `\n    ${hint}`}`
}
