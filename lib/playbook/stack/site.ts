import type { Stack } from '../../stack/model.ts'
import type { Setting } from '../../stack/setting.ts'

/** A stack in a setting, in this project's folder: what a playbook that runs it is told. */
export interface StackSite {
  readonly stack: Stack
  readonly setting: Setting
  /** the folder of the Compose files */
  readonly folder: string
  /** Makes the settings and secrets that are missing; says what it made. */
  readonly prepare: (log: (line: string) => void) => Promise<void>
  /** files of variables of the Compose files, secrets and certificate aside */
  readonly envFile: string
  /** The certificate that nginx shows is written where the secrets are: names that it is for. */
  readonly serverNames: readonly string[]
}
