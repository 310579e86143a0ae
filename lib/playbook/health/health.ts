import type { X509Certificate } from 'node:crypto'
import { exit, QuaysideError } from '../../error.ts'
import {
  backupFindings,
  type Check,
  type Deployed,
  type Examination,
  examine,
  type Finding,
  healthMetrics,
  lookAround,
  rootsOf,
} from '../../health/index.ts'
import type { Host, Inventory } from '../../inventory/inventory.ts'
import { metricsPath, writeMetrics } from '../../metrics/file.ts'
import { columns } from '../backup/table.ts'
import type { Run } from '../playbook.ts'
import { layersOf } from './flags.ts'

/** What is to be looked at: the roles' checks of the hosts that could be reached. */
export type ChecksOf = (
  inventory: Inventory,
  hosts: readonly Host[],
  deployed: Deployed,
  roots: readonly X509Certificate[],
) => readonly Check[]

/** health.ts: every check at once, told as a table, as data and as metrics. Throws where something is not well. */
export async function health(run: Run, checksOf: ChecksOf): Promise<void> {
  const started = performance.now()
  const { findings, unreachable } = inOrder(run.inventory, await look(run, checksOf))
  const ms = Math.round(performance.now() - started)
  run.emit({ type: 'result', of: 'health', data: { ms, unreachable, findings } })
  if (!run.args.has('json')) for (const line of healthLines(findings, ms)) run.print(line)
  const path = metricsPath(run.args.text('metrics'), run.env, 'health')
  if (path !== undefined) await writeMetrics(path, healthMetrics(run.env, findings, new Date()))
  const bad = verdictOn({ findings, unreachable }, run.args.has('strict'))
  if (bad !== undefined) throw bad
}

async function look(run: Run, checksOf: ChecksOf): Promise<Examination> {
  const { fleet, inventory, env, args } = run
  const wanted = layersOf(args)
  const [around, roots, backups] = await Promise.all([
    lookAround(fleet, inventory),
    rootsOf(env),
    backupFindings(env),
  ])
  const checks = checksOf(inventory, around.hosts, around.deployed, roots)
  const seen = await examine(
    fleet,
    checks.filter(({ layer }) => wanted.includes(layer)),
  )
  return {
    findings: [...around.findings, ...seen.findings, ...(wanted.includes('backup') ? backups : [])],
    unreachable: [...around.unreachable, ...seen.unreachable],
  }
}

/** By host as the inventory has them; what is no host's comes last. */
function inOrder(inventory: Inventory, { findings, unreachable }: Examination): Examination {
  const place = new Map(inventory.hosts.map(({ name }, index) => [name, index]))
  const at = ({ host }: Finding) => place.get(host) ?? place.size
  return { findings: [...findings].sort((a, b) => at(a) - at(b)), unreachable }
}

/** The table, and a line that says how it stands. */
export function healthLines(findings: readonly Finding[], ms: number): readonly string[] {
  const words = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const
  const rows = findings.map(({ host, service, layer, verdict, seen }) => [
    host,
    service,
    layer,
    words[verdict],
    seen,
  ])
  return ['', ...columns([['host', 'service', 'layer', '', 'seen'], ...rows]), '', summary(findings, ms)]
}

function summary(findings: readonly Finding[], ms: number): string {
  const count = (verdict: Finding['verdict']) => findings.filter((each) => each.verdict === verdict).length
  return `${count('ok')} ok, ${count('warning')} warnings, ${count('failed')} failed, in ${(ms / 1000).toFixed(1)} s`
}

/** The error that a run ends with; undefined where all is well enough. */
export function verdictOn(
  { findings, unreachable }: Examination,
  strict: boolean,
): QuaysideError | undefined {
  const failed = findings.filter(({ verdict }) => verdict === 'failed')
  const warnings = findings.filter(({ verdict }) => verdict === 'warning')
  const asked = failed.filter(({ host }) => !unreachable.includes(host))
  if (asked.length > 0) return new QuaysideError(`${failed.length} of ${findings.length} looks failed`)
  if (unreachable.length > 0)
    return new QuaysideError(`could not be asked: ${unreachable.join(', ')}`, { exitCode: exit.unreachable })
  if (strict && warnings.length > 0)
    return new QuaysideError(`${warnings.length} of ${findings.length} looks warn`, {
      exitCode: exit.pending,
    })
  return undefined
}
