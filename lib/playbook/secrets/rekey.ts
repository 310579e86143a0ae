import { UsageError } from '../../error.ts'
import { findEncrypted } from '../../inventory/encrypted.ts'
import { shownPath } from '../../inventory/fault.ts'
import { recipientOf } from '../../secret/age/crypt.ts'
import { loadKeys } from '../../secret/age/key.ts'
import { writeEncrypted } from '../../secret/age/write.ts'
import { type Place, recipientsOf, toWhom } from './place.ts'

/** Encrypts every file of the environment anew, to those whom recipients.txt lists now. */
export async function rekey(place: Place, print: (line: string) => void): Promise<void> {
  const recipients = await recipientsOf(place)
  const keys = recipients.map(({ key }) => key)
  const mine = await Promise.all(((await loadKeys())?.identities ?? []).map(recipientOf))
  if (!mine.some((key) => keys.includes(key)))
    throw new UsageError(
      `your own key is not in ${shownPath(place.vault.recipientsFile)}: you would lock yourself out`,
      mine.length === 0 ? 'npx zx playbooks/secrets.ts keygen' : `add it: ${mine.join(', ')}`,
    )
  const files = await findEncrypted(place.dir)
  // All of them are opened before the first is written: a file that cannot be is known while nothing has changed.
  const texts = new Map<string, string>()
  for (const { path } of files) texts.set(path, (await place.vault.open(path)).text)
  for (const [path, text] of texts) {
    await writeEncrypted(path, text, keys)
    print(`${shownPath(path)}: ${toWhom(recipients)}`)
  }
  if (files.length === 0) print(`${shownPath(place.dir)} has no encrypted file`)
  else print('who was a recipient before keeps what git remembers: change the values that they must not know')
}
