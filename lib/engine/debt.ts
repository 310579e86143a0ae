import { raw, type Script, sh } from '../script/index.ts'

/** A change and the handlers it owes are recorded on the host in one step: a file a debt, until it is paid. */
const folder = '/var/lib/quayside/debts'

/** What a handler is called across runs: "redis/restart redis". */
export function debtOf(role: string, handler: string): string {
  return `${role}/${handler}`
}

/** Prints the debts of earlier runs, a line each. */
export const listDebts: Script = raw(`ls -1 ${folder} 2>/dev/null || :`)

export function readDebts(stdout: string): readonly string[] {
  return stdout.split('\n').filter(Boolean).map(decodeURIComponent)
}

/** Records debts; runs before the change, so that no moment exists in which the change is made and not owed for. */
export function owe(debts: readonly string[]): Script {
  if (debts.length === 0) return raw('')
  return sh`mkdir -p ${folder} && touch ${debts.map(fileOf)} || exit 1`
}

/** Defines what a change that says `owesItself` calls; without debts too, lest it call what an earlier one defined. */
export function oweWhenCalled(debts: readonly string[]): Script {
  const record = debts.length === 0 ? raw(':') : sh`mkdir -p ${folder} && touch ${debts.map(fileOf)}`
  return sh`quayside_owe() { ${record}; }`
}

export function pay(debt: string): Script {
  return sh`rm -f ${fileOf(debt)}`
}

function fileOf(debt: string): string {
  return `${folder}/${encodeURIComponent(debt)}`
}
