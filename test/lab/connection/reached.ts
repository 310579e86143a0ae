import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inLab, type Outcome, type PlaybookOptions } from '../playbook.ts'

/** Where the fixture's playbook leaves its marks on a host. */
export const marks = '/srv/quayside-reached'

/** Connection variables and those of the fixture, by the name of a host. */
export type Hosts = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Plays the fixture on hosts that stand in no other inventory; what the variables of `all` say goes for each. */
export async function reach(
  all: Readonly<Record<string, unknown>>,
  hosts: Hosts,
  args: readonly string[] = [],
  options: PlaybookOptions = {},
): Promise<Outcome> {
  const dir = inventoryOf(all, hosts)
  try {
    return await inLab('test/lab/fixtures/reached.ts', ['--inventory', dir, ...args], options)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** An inventory of these hosts in a folder of its own; JSON is YAML too. */
export function inventoryOf(all: Readonly<Record<string, unknown>>, hosts: Hosts): string {
  const dir = mkdtempSync(join(tmpdir(), 'quayside-inventory-'))
  const vars = {
    user: 'deploy',
    identity_file: '{state}/id_ed25519',
    known_hosts_file: '{state}/known_hosts',
    ssh_config: false,
    ...all,
  }
  writeFileSync(join(dir, 'hosts.yaml'), JSON.stringify({ lab: { vars, hosts } }))
  return dir
}

/** The lines that a run printed of why a host failed: the message, and the hint. */
export function saidOf(outcome: Outcome, host: string): string {
  const lines = outcome.output.split('\n')
  const at = lines.findIndex((line) => new RegExp(`^ {2}${host} +(?:unreachable|failed) `).test(line))
  return at < 0 ? '' : lines.slice(at, at + 4).join('\n')
}
