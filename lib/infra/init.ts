import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { QuaysideError, UsageError } from '../error.ts'
import { asked, type Terraform } from './terraform.ts'

/** What a backend takes that is a secret: terraform init would write it into its data folder as it is. */
const secretSetting =
  /^\s*"?(access_key|secret_key|token|password|sas_token|client_secret|client_certificate_password|credentials|access_token|encryption_key|sse_customer_key|conn_str|private_key)"?\s*=/m

/**
 * The file that says where an environment's state is: the one that is named, or backend.tfbackend in its folder.
 * Undefined where backend.tf says all of it. Throws a UsageError for a file that is not there, or holds a secret.
 */
export async function backendFile(folder: string, given: string | undefined): Promise<string | undefined> {
  const path = given === undefined ? join(folder, 'backend.tfbackend') : resolve(given)
  if (!existsSync(path)) {
    if (given === undefined) return undefined
    throw new UsageError(`--backend: ${path} does not exist`)
  }
  const [, setting] = secretSetting.exec(await readFile(path, 'utf8')) ?? []
  if (setting !== undefined)
    throw new UsageError(
      `${path} holds a secret: ${setting}`,
      'terraform would keep it in .terraform in the clear: credentials come from the environment or a profile',
    )
  return path
}

/** terraform init: backend, modules and providers as the configuration names them. Quick where nothing is missing. */
export async function init(terraform: Terraform, backend: string | undefined): Promise<void> {
  const words = ['init', '-input=false', '-no-color']
  try {
    await asked(terraform, backend === undefined ? words : [...words, `-backend-config=${backend}`])
  } catch (error) {
    if (!(error instanceof QuaysideError) || !/backend configuration|migrate-state/i.test(error.message))
      throw error
    throw new QuaysideError(
      `${terraform.folder} names another backend than the one that holds the state:\n${error.message}`,
      {
        hint: 'docs/infrastructure.md, "To another backend", brings a state over; nothing was changed',
        cause: error,
      },
    )
  }
}
