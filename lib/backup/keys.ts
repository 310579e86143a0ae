import { join } from 'node:path'
import { UsageError } from '../error.ts'
import { recipientOf } from '../secret/age/crypt.ts'
import { howToSet, type Keys, keysIn, loadKeys } from '../secret/age/key.ts'
import { readRecipients } from '../secret/age/recipients.ts'
import { stateDir } from '../state.ts'
import type { BackupPlan } from './plan.ts'

/**
 * The private keys that may open an environment's backups: the person's own, and that of the environment's state
 * folder (age.txt), which encrypts where no recipients are named. Undefined when there is neither.
 */
export async function backupKeys(env: string): Promise<Keys | undefined> {
  const found = [await loadKeys(), await keysIn(stateKey(env))].filter((each) => each !== undefined)
  if (found.length === 0) return undefined
  return {
    origin: found.map((each) => each.origin).join(' and '),
    identities: found.flatMap((each) => each.identities),
  }
}

/**
 * The age public keys that backups are encrypted to: backup_recipients, else the inventory's recipients.txt, else the
 * public keys of the state folder's age.txt. Throws with exit code 2 when there are none, or one cannot be used.
 */
export async function backupRecipients(plan: BackupPlan, dir: string): Promise<readonly string[]> {
  const given = plan.settings.backup_recipients
  if (given !== undefined) return usable(given, 'backup_recipients')
  const path = join(dir, 'recipients.txt')
  const listed = await readRecipients(path)
  if (listed.length > 0)
    return usable(
      listed.map((each) => each.key),
      path,
    )
  const own = await keysIn(stateKey(plan.env))
  if (own === undefined)
    throw new UsageError(
      'a backup is encrypted, and nobody is named who could open it',
      `list age public keys in backup_recipients or in ${path}: npx zx playbooks/secrets.ts keygen makes one; then ${howToSet()}`,
    )
  return usable(await Promise.all(own.identities.map(recipientOf)), stateKey(plan.env))
}

/** Where an environment's own key is, if it has one. */
function stateKey(env: string): string {
  return join(stateDir(env), 'age.txt')
}

/** Keys that the age command of a host takes: a wrong one is told now, not when the dump is under way. */
async function usable(recipients: readonly string[], where: string): Promise<readonly string[]> {
  const { Encrypter } = await import('age-encryption')
  for (const each of recipients) {
    if (!/^age1[a-z0-9]{58}$/.test(each))
      throw new UsageError(
        `${where}: ${each.slice(0, 14)}… is no key that the age command of every host takes`,
        'backups take X25519 keys: age1 and 58 letters and digits',
      )
    try {
      new Encrypter().addRecipient(each)
    } catch {
      throw new UsageError(`${where}: ${each} has a typing error in it`, 'copy it again, whole')
    }
  }
  if (recipients.length === 0) throw new UsageError(`${where} is empty`, 'list one age public key or more')
  return [...new Set(recipients)]
}
