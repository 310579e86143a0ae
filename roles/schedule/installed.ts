import { type Script, sh } from '../../lib/script/index.ts'
import { nextRun } from './next-run.ts'
import { folders } from './paths.ts'
import { jobOf } from './strays.ts'

/** A job as it is set up on its host, and how its last run went. */
export interface Installed {
  readonly job: string
  readonly by: string
  /** "daily at 02:15" */
  readonly at: string
  /** as systemd tells it, or by the host's clock; undefined where nothing will start it */
  readonly next: string | undefined
  readonly last: LastRun | undefined
}

export interface LastRun {
  /** ISO 8601 */
  readonly started: string
  /** undefined while it goes on */
  readonly seconds: number | undefined
  readonly code: number | undefined
}

/** Prints each job that is set up: its settings, when it is next started and by what, and its last run. */
export function installedScript(env: string): Script {
  return sh`echo "now=$(date '+%Y-%m-%d %H:%M')"
for conf in ${folders.config}/${env}-*.conf; do
  [ -r "$conf" ] || continue
  name=\${conf##*/} name=\${name%.conf}
  echo "conf=$conf"
  (. "$conf"; printf 'by=%s\\nat=%s\\n' "$by" "$at"
  echo "timer=$(systemctl show -p NextElapseUSecRealtime --value -- "quayside-$name.timer" 2>/dev/null)"
  echo "cron=$(sed -n 's/^\\([^#@ ][^ ]* [^ ]* [^ ]* [^ ]* [^ ]*\\) .*/\\1/p' "/etc/cron.d/quayside-$name" 2>/dev/null | head -n 1)"
  [ ! -r "$state/$name.last" ] || cat "$state/$name.last"
  [ ! -e "$state/$name.lock" ] || flock -n "$state/$name.lock" true || echo busy=yes)
done
`
}

/** Of what that printed, the environment's own jobs. */
export function readInstalled(stdout: string, env: string): readonly Installed[] {
  const [head = '', ...blocks] = stdout.split(/^conf=/m)
  const now = /^now=(.*)$/m.exec(head)?.[1] ?? ''
  return blocks.flatMap((block) => {
    const [path = '', ...rest] = block.split('\n')
    const job = jobOf(path, env)
    if (job === undefined) return []
    const of = (name: string) =>
      rest.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
    const cron = of('cron')
    const next = of('by') === 'cron' ? cron && nextRun(cron, now) : of('timer')
    return [{ job, by: of('by'), at: of('at'), next: next || undefined, last: lastOf(of) }]
  })
}

function lastOf(of: (name: string) => string): LastRun | undefined {
  const [started, ended] = [Number(of('started')), Number(of('ended'))]
  if (!(started > 0)) return undefined
  const over = of('busy') === '' && ended >= started
  return {
    started: new Date(started * 1000).toISOString().slice(0, 19).concat('Z'),
    seconds: over ? ended - started : undefined,
    code: over ? Number(of('code')) : undefined,
  }
}

/** A table of them for a person. */
export function installedLines(all: readonly Installed[]): readonly string[] {
  if (all.length === 0) return ['no jobs are installed']
  const rows = all.map(({ job, by, at, next, last }) => [job, by, at, next ?? 'never', lastInWords(last)])
  const table = [['job', 'by', 'when', 'next', 'last run'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  return table.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function lastInWords(last: LastRun | undefined): string {
  if (last === undefined) return 'none yet'
  const { started, seconds, code } = last
  if (code === undefined) return `${started}, goes on or was cut off`
  return `${started}, ${code === 0 ? 'well' : `failed with code ${code}`}, ${seconds} s`
}
