import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { messageOf, UsageError } from '../../error.ts'
import { readEncryptedYaml } from '../../inventory/encrypted-yaml.ts'
import { Faults, shownPath } from '../../inventory/fault.ts'
import { edit } from '../../secret/age/edit.ts'
import { writeEncrypted } from '../../secret/age/write.ts'
import type { Life } from '../program.ts'
import { fileIn, type Place, recipientsOf, toWhom } from './place.ts'

const fresh = `# A secret a line, as \`name: value\`; longer ones as \`name: |\` and indented lines.
# Use one as \`{ from_age: name }\`, or give it the name of the role's variable itself.
`

/** Opens a file in the person's editor, and encrypts what comes back to all recipients. */
export async function editSecrets(place: Place, given: string | undefined, life: Life): Promise<void> {
  const path = fileIn(place.dir, given)
  const recipients = await recipientsOf(place)
  const before = existsSync(path) ? await readFile(path) : undefined
  const text = before === undefined ? fresh : (await place.vault.open(path)).text
  const edited = await edit(text, {
    name: basename(path, '.age'),
    validate: (changed) => validate(path, changed),
    again: (mistake) => again(mistake, life),
    say: life.print,
    signal: life.signal,
  })
  if (edited === undefined) {
    life.print(`${shownPath(path)} is unchanged`)
    return
  }
  const now = existsSync(path) ? await readFile(path) : undefined
  if (Buffer.compare(now ?? Buffer.alloc(0), before ?? Buffer.alloc(0)) !== 0) {
    const mine = `${path}.mine~`
    await writeEncrypted(mine, edited, keysOf(recipients))
    throw new UsageError(
      `${shownPath(path)} was changed by somebody else meanwhile; yours is ${shownPath(mine)}, encrypted`,
      `look at both (age -d), and edit ${shownPath(path)} again`,
    )
  }
  await writeEncrypted(path, edited, keysOf(recipients))
  life.print(`${shownPath(path)}: ${toWhom(recipients)}`)
}

/** Throws an InventoryError for a text that a run would refuse. */
export function validate(path: string, text: string): void {
  const faults = new Faults()
  readEncryptedYaml(path, text, faults)
  faults.throwIfAny()
}

function keysOf(recipients: readonly { readonly key: string }[]): readonly string[] {
  return recipients.map(({ key }) => key)
}

async function again(mistake: unknown, { signal }: Life): Promise<boolean> {
  if (!process.stdin.isTTY || signal.aborted) return false
  console.error(messageOf(mistake))
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question('open the editor again? [Y/n] ', { signal })
    return !/^n/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
