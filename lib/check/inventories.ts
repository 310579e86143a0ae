import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { findEncrypted } from '../inventory/encrypted.ts'
import { environments } from '../inventory/environments.ts'
import { type Fault, InventoryError, shownPath } from '../inventory/fault.ts'
import type { PlayedRole } from '../inventory/roles.ts'
import { type Survey, survey } from '../inventory/survey.ts'
import { isAge } from '../secret/age/format.ts'
import { type Finding, finding } from './finding.ts'

/** What the inventories say, and what a playbook would refuse them for. */
export interface Surveyed {
  readonly surveys: readonly Survey[]
  readonly findings: readonly Finding[]
  /** what is no fault, but worth knowing: what could not be looked at */
  readonly notes: readonly string[]
}

/**
 * Surveys the environments of inventory/: those named, or all. No key is needed and nobody is asked for one: what is
 * encrypted is checked for being so and for standing where it is read. Throws a UsageError for a name that is none.
 */
export async function surveyAll(
  root: string,
  named: readonly string[],
  schemas: readonly PlayedRole[],
): Promise<Surveyed> {
  const folder = join(root, 'inventory')
  const known = await environments(folder)
  const surveys: Survey[] = []
  const findings: Finding[] = named.length > 0 ? [] : await folderFindings(folder, known)
  const notes: string[] = []
  for (const env of named.length === 0 ? known : [...new Set(named)]) {
    const dir = join(folder, env)
    try {
      const found = await survey({ env, dir, schemas })
      surveys.push(found)
      findings.push(...mistakesIn(found.faults.all).map(asFinding))
      notes.push(...placeholderNote(dir, found.faults.all), ...staleNote(found.faults.all))
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error
      findings.push(...mistakesIn(error.faults).map(asFinding))
      notes.push(...staleNote(error.faults))
    }
    const encrypted = await lookAtEncrypted(env, dir)
    findings.push(...encrypted.findings)
    notes.push(...encrypted.notes)
  }
  return { surveys, findings, notes }
}

function asFinding(fault: Fault): Finding {
  return finding(
    fault.about === 'plain-secret' ? 'plain-secret' : 'inventory',
    fault,
    fault.message,
    fault.hint,
  )
}

/** What is nobody's mistake, but stops a run, is a note: names of the example, and hosts that Terraform was not asked for. */
function mistakesIn(faults: readonly Fault[]): readonly Fault[] {
  return faults.filter(({ about }) => about !== 'placeholder' && about !== 'stale-hosts')
}

/** The sources are as they should be: a check that passed yesterday must not fail for the time that went by. */
function staleNote(faults: readonly Fault[]): readonly string[] {
  return faults
    .filter(({ about }) => about === 'stale-hosts')
    .map(({ file, message }) => `${file}: ${message}; a playbook would refuse it for that`)
}

/** An inventory that is still the example's is nobody's mistake: it is not in use. */
function placeholderNote(dir: string, faults: readonly Fault[]): readonly string[] {
  const count = faults.filter(({ about }) => about === 'placeholder').length
  if (count === 0) return []
  const places = count === 1 ? 'one place' : `${count} places`
  return [`${shownPath(dir)} still has the example's names in ${places}: a playbook would refuse it for them`]
}

async function lookAtEncrypted(env: string, dir: string): Promise<Omit<Surveyed, 'surveys'>> {
  const files = await findEncrypted(dir)
  const findings: Finding[] = []
  for (const { path } of files) {
    if (isAge(await readFile(path))) continue
    const place = { file: shownPath(path), line: 1, column: 1 }
    const plain = shownPath(path).replace(/\.age$/, '')
    const hint = `change what stood in it, name it ${basename(plain)} and encrypt it: npx zx playbooks/secrets.ts encrypt ${plain} --env ${env}`
    findings.push(finding('plain-secret', place, 'this file is not encrypted, whatever its name says', hint))
  }
  const sealed = files.length - findings.length
  if (sealed === 0) return { findings, notes: [] }
  const what = sealed === 1 ? 'an encrypted file' : `${sealed} encrypted files`
  return {
    findings,
    notes: [
      `${shownPath(dir)} has ${what}, not opened here: npx zx playbooks/secrets.ts check --env ${env} does`,
    ],
  }
}

/** A folder without hosts.yaml is an environment that no playbook finds. */
async function folderFindings(folder: string, known: readonly string[]): Promise<Finding[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && !known.includes(entry.name))
    .map(({ name }) => {
      const place = { file: shownPath(join(folder, name, 'hosts.yaml')), line: 1, column: 1 }
      const hint = `npx zx playbooks/new.ts env NAME makes an environment to start from`
      return finding('inventory', place, 'this file does not exist: the folder is no environment', hint)
    })
}
