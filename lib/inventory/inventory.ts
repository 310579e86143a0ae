import type { Target } from '../connection/connection.ts'
import type { PlayedRole } from './roles.ts'

/** Variables of one host after precedence, validation, defaults and secrets: each checked by its role's schema. */
export type Vars = Readonly<Record<string, unknown>>

/** One host of the inventory. */
export interface Host {
  readonly name: string
  /** every group it is in, "all" among them, parents before children */
  readonly groups: readonly string[]
  /** the address by which other hosts reach it; `host` unless the inventory gives `private_address` */
  readonly privateAddress: string
  readonly target: Target
  readonly vars: Vars
}

/** A loaded and validated inventory. */
export interface Inventory {
  /** "lab", "staging": the name of its folder */
  readonly env: string
  /** absolute path of the folder */
  readonly dir: string
  /** in the order of hosts.yaml */
  readonly hosts: readonly Host[]
  /**
   * The hosts of a group, the host of that name, or those of any of Ansible's host patterns; "all" is every host.
   * Throws a UsageError with the nearest name where a part of the pattern matches nothing.
   */
  select(pattern: string): readonly Host[]
}

/** Which inventory to load, and for which roles. */
export interface LoadOptions {
  /** "lab": names the state directory, too */
  readonly env: string
  /** the environment's own folder, inventory/lab; relative to the working directory */
  readonly dir: string
  /** every role of the playbook with the pattern of the hosts that it is played on */
  readonly schemas: readonly PlayedRole[]
  /** roles that other playbooks play in the same inventory: their variables are no strangers, and not looked at */
  readonly besides?: readonly PlayedRole[]
  /** each `--extra-vars` as it was given: `key=value` words, `@file.yaml`, or an inline mapping */
  readonly extraVars?: readonly string[]
  /** the pattern of `--limit`: secrets of other hosts are not fetched, and say so when one is used */
  readonly limit?: string
  /** false where nothing will use a secret (a list of hosts): no source is asked, no file decrypted */
  readonly secrets?: boolean
}
