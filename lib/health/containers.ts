import type { Host } from '../inventory/inventory.ts'
import { sh } from '../script/index.ts'
import { byShare, type Check, type Seen, type Verdict, worst } from './check.ts'
import { said } from './gather.ts'
import { mebibytes, span } from './words.ts'

/** A container that is to run on a host. */
export interface Expected {
  readonly name: string
  readonly service: string
  /** as it is to have been started from: a reference, by digest where it is a release's; undefined: whatever it runs */
  readonly image: string | undefined
  /** it serves nobody now (the warm colour): what is wrong with it is only a warning */
  readonly spare?: boolean
}

/** memory that counts against the limit, of which the kernel can still take back little */
const memoryWarning = 0.9
/** a container that was started again is news for so long */
const restartSeconds = 3600

const format = [
  '{{.State.Pid}} {"name":{{json .Name}}',
  '"status":{{json .State.Status}}',
  '"code":{{.State.ExitCode}}',
  '"oom":{{.State.OOMKilled}}',
  '"since":{{json .State.StartedAt}}',
  '"until":{{json .State.FinishedAt}}',
  '"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}""{{end}}',
  '"restarts":{{.RestartCount}}',
  '"limit":{{.HostConfig.Memory}}',
  '"image":{{json .Config.Image}}}',
].join(',')

/** Docker's word on containers of a host, and what they take of their memory by their control group, version 2 or 1. */
export function containersCheck(host: Host, expected: readonly Expected[]): Check {
  const names = expected.map(({ name }) => name)
  return {
    host,
    service: 'docker',
    layer: 'container',
    what: `docker inspect ${names.join(' ')}`,
    script: sh`
command -v docker >/dev/null || { echo 'docker is not there' >&2; exit 1; }
date +%s
docker container inspect -f ${format} ${names} | while read -r pid json; do
  used=0
  if [ "$pid" -gt 0 ] 2>/dev/null; then
    group=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup") now=memory.current cache=inactive_file
    if [ ! -r "$group/$now" ]; then
      group=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' "/proc/$pid/cgroup")
      now=memory.usage_in_bytes cache=total_inactive_file
    fi
    if [ -r "$group/$now" ]; then
      idle=$(sed -n "s/^$cache //p" "$group/memory.stat")
      used=$(($(cat "$group/$now") - \${idle:-0}))
    fi
  fi
  printf '%s %s\n' "$used" "$json"
done
`,
    judge: (answer) => {
      const { stdout, stderr } = answer
      const [now, ...rows] = stdout.trim().split('\n')
      if (!/^\d+$/.test(now ?? '') || /Cannot connect|daemon running|permission denied/i.test(stderr))
        return [{ verdict: 'failed', seen: said({ ...answer, stdout: '' }) }]
      const found = new Map(rows.map(readContainer).map((each) => [each.name, each]))
      return expected.map((each) => judgeContainer(each, found.get(each.name), Number(now)))
    },
  }
}

/** What Docker says of a container; times in seconds since 1970, memory in bytes, 0 for no limit and for not known. */
export interface Container {
  readonly name: string
  readonly status: string
  readonly code: number
  readonly oom: boolean
  readonly since: number
  readonly until: number
  /** '' where it has no health check */
  readonly health: string
  readonly restarts: number
  readonly limit: number
  readonly image: string
  readonly used: number
}

function readContainer(row: string): Container {
  const at = row.indexOf(' ')
  const inspected = JSON.parse(row.slice(at + 1))
  return {
    ...inspected,
    name: String(inspected.name).replace(/^\//, ''),
    since: Date.parse(inspected.since) / 1000,
    until: Date.parse(inspected.until) / 1000,
    used: Number(row.slice(0, at)),
  }
}

/** The verdict on one container; undefined for one that is not there. */
export function judgeContainer(
  { name, service, image, spare = false }: Expected,
  container: Container | undefined,
  now: number,
): Seen {
  const told = (verdict: Verdict, seen: string): Seen => ({
    service,
    verdict: spare && verdict === 'failed' ? 'warning' : verdict,
    seen: `${name}: ${seen}${spare ? ' (warm, not served)' : ''}`,
  })
  if (container === undefined) return told('failed', 'is not there')
  const { status, code, since, until, health, restarts, limit, used, oom } = container
  if (status === 'exited' || status === 'dead')
    return told(
      'failed',
      `${status} with code ${code} ${span(now - until)} ago${oom ? ', out of memory' : ''}`,
    )
  if (status !== 'running') return told('failed', status)
  const again = restarts > 0 && now - since < restartSeconds
  const full = limit > 0 && used / limit >= memoryWarning
  const other = image !== undefined && container.image !== image
  const verdict = worst([
    health === 'unhealthy' || (other && image.includes('@')) ? 'failed' : 'ok',
    health === 'starting' || again || oom || other ? 'warning' : 'ok',
    limit > 0 ? byShare(used / limit, memoryWarning, Number.POSITIVE_INFINITY) : 'ok',
  ])
  const parts = [
    health === '' ? 'running' : health,
    `up ${span(now - since)}`,
    ...(restarts > 0 ? [`restarted ${restarts} times`] : []),
    ...(oom ? ['was out of memory'] : []),
    ...(used > 0 ? [memoryText(used, limit, full)] : []),
    ...(other ? [`runs ${container.image}, and is to run ${image}`] : []),
  ]
  return told(verdict, parts.join(', '))
}

function memoryText(used: number, limit: number, full: boolean): string {
  const of = limit > 0 ? ` of ${mebibytes(limit)}` : ''
  return `${mebibytes(used)}${of} MiB${full ? ': its limit is near' : ''}`
}
