import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { UsageError } from '../../error.ts'
import { shownPath } from '../../inventory/fault.ts'
import { named, type Recipient } from '../../secret/age/recipients.ts'
import { Vault } from '../../secret/age/vault.ts'

/** The environment whose secrets a command works on. */
export interface Place {
  readonly env: string
  readonly dir: string
  readonly vault: Vault
}

export function placeOf({ env, dir }: { env: string; dir: string }): Place {
  return { env, dir, vault: new Vault(dir, shownPath) }
}

/** The path of an encrypted file as it was typed: from here, or from the environment's folder. */
export function fileIn(dir: string, given = 'secrets.yaml.age'): string {
  const here = resolve(given)
  const path = existsSync(here) && !relative(dir, here).startsWith('..') ? here : resolve(dir, given)
  const inside = relative(dir, path)
  if (/\.ya?ml\.age$/.test(path) && /^((group|host)_vars\/[^/]+(\/[^/]+)?|[^/]+)$/.test(inside)) return path
  const example = shownPath(join(dir, 'group_vars/db.yaml.age'))
  throw new UsageError(
    `${shownPath(path)} is not where an encrypted file can be`,
    `it ends in .yaml.age, in the environment's folder, its group_vars or its host_vars: ${example}`,
  )
}

/** Those to encrypt to; throws a UsageError when there is nobody yet. */
export async function recipientsOf({ vault, dir }: Place): Promise<readonly Recipient[]> {
  const recipients = await vault.recipients()
  if (recipients.length > 0) return recipients
  throw new UsageError(
    `nobody to encrypt to: ${shownPath(vault.recipientsFile)} lists no key`,
    `add a line with your public key (age1…); \`npx zx playbooks/secrets.ts keygen\` makes one${
      existsSync(dir) ? '' : ', and the folder does not exist yet'
    }`,
  )
}

/** "encrypted to age1… (alice), age1… (bob)" */
export function toWhom(recipients: readonly Recipient[]): string {
  return `encrypted to ${recipients.map(named).join(', ')}`
}
