import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../error.ts'
import { SecretError } from '../error.ts'
import { decryptWith, NoKeyMatches, recipientOf, takesPassphrase } from './crypt.ts'
import { isAge, recipientKinds, unarmored } from './format.ts'
import { howToSet, type Keys, loadKeys } from './key.ts'
import { passphraseFor } from './passphrase.ts'
import { named, type Recipient, readRecipients } from './recipients.ts'

/** The first line of what is encrypted: to whom it was, which the header of an age file does not tell. */
const note = /^# encrypted to:((?: [a-z0-9]+)*)\n/

/** A decrypted file. */
export interface Opened {
  /** as `secrets.ts edit` shows it */
  readonly text: string
  /** the recipients that it was encrypted to; undefined when something else than Quayside did it */
  readonly recipients: readonly string[] | undefined
  /** the kinds of recipients in its header: "X25519", "scrypt" */
  readonly kinds: readonly string[]
}

/** Opens the encrypted files of one environment; the key is asked for once, when the first file is opened. */
export class Vault {
  readonly #dir: string
  readonly #shown: (path: string) => string
  #keys: Promise<Keys | undefined> | undefined

  /** `dir` is the environment's folder, `shown` makes a path what a person would type. */
  constructor(dir: string, shown: (path: string) => string = (path) => path) {
    this.#dir = dir
    this.#shown = shown
  }

  get recipientsFile(): string {
    return join(this.#dir, 'recipients.txt')
  }

  recipients(): Promise<readonly Recipient[]> {
    return readRecipients(this.recipientsFile, this.#shown(this.recipientsFile))
  }

  /** Throws a SecretError that says who could open it and what to set. Nothing decrypted leaves memory. */
  async open(path: string): Promise<Opened> {
    const shown = this.#shown(path)
    const bytes = await readFile(path)
    if (!isAge(bytes))
      throw new SecretError(
        `${shown} is not encrypted`,
        `take .age off its name and encrypt it: npx zx playbooks/secrets.ts encrypt ${shown.replace(/\.age$/, '')}; what stood in it was plain text, change it`,
      )
    try {
      const kinds = recipientKinds(await unarmored(bytes))
      const whole = (await takesPassphrase(bytes))
        ? await decryptWith(bytes, { identities: [], passphrase: await passphraseFor(shown) })
        : await decryptWith(bytes, await this.#opener(shown, kinds))
      const [head, keys] = note.exec(whole) ?? []
      const recipients = keys?.split(' ').filter((key) => key !== '')
      return { text: whole.slice(head?.length ?? 0), recipients, kinds }
    } catch (error) {
      if (error instanceof SecretError) throw error
      if (error instanceof NoKeyMatches) throw await this.#noKey(shown, bytes)
      const hint = 'restore it from git or a backup'
      throw new SecretError(`${shown} is damaged: ${messageOf(error)}`, hint)
    }
  }

  async #opener(shown: string, kinds: readonly string[]): Promise<Keys> {
    const other = kinds.filter((kind) => /^ssh-/.test(kind))
    if (other.length > 0 && other.length === kinds.length)
      throw new SecretError(
        `${shown} is encrypted to SSH keys alone, which are not supported here`,
        `open it with the age command, and encrypt it to age keys: age -d -i ~/.ssh/id_ed25519 ${shown}`,
      )
    this.#keys ??= loadKeys()
    const keys = await this.#keys
    if (keys !== undefined) return keys
    throw new SecretError(`${shown} is encrypted, and you have no key${await this.#who()}`, howToSet())
  }

  async #noKey(shown: string, bytes: Uint8Array): Promise<SecretError> {
    if (await takesPassphrase(bytes))
      return new SecretError(`the passphrase does not open ${shown}`, 'was it encrypted with another one?')
    const keys = await this.#keys
    const mine = await Promise.all((keys?.identities ?? []).map(recipientOf))
    const list = mine.map((key) => named({ key, who: undefined })).join(', ')
    const listed = (await this.recipients()).some(({ key }) => mine.includes(key))
    const hint = listed
      ? `your key is in ${this.#shown(this.recipientsFile)}, but the file was not encrypted to it: one who can open it runs secrets.ts rekey`
      : `set another key (${howToSet()}), or have one of them add yours to ${this.#shown(this.recipientsFile)} and run secrets.ts rekey`
    return new SecretError(
      `your key ${list} from ${keys?.origin} does not open ${shown}${await this.#who()}`,
      hint,
    )
  }

  /** "; age1… (alice) or age1… (bob) can open it" */
  async #who(): Promise<string> {
    const all = (await this.recipients()).map(named)
    return all.length === 0 ? '' : `; those who can open it: ${all.join(', ')}`
  }
}

/** What is encrypted: the text below a line that says to whom. */
export function noted(text: string, recipients: readonly string[]): string {
  return `# encrypted to: ${recipients.join(' ')}\n${text.replace(note, '')}`
}
