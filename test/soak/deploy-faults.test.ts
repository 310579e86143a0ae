import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker } from '../../lib/lab/docker.ts'
import { containerOf } from '../../lib/lab/topology.ts'
import { onHost } from '../lab/lab-host.ts'
import { liveRelease } from '../lab/live.ts'
import { inLab, type Outcome, type PlaybookOptions } from '../lab/playbook.ts'
import { deriveRelease } from '../lab/release.ts'
import { startTraffic } from '../lab/traffic.ts'
import { type FaultRow, writeFaults } from './faults-page.ts'

/** One thing that goes wrong during a deploy. */
interface Fault {
  readonly what: string
  /** more Dockerfile lines for the api of the release that is deployed */
  readonly api?: string
  readonly args?: () => readonly string[]
  readonly options?: PlaybookOptions
  /** done to the lab when this first stands in the output; "" for before the deploy */
  readonly when?: string
  readonly harm?: () => Promise<unknown>
  readonly mend?: () => Promise<unknown>
  readonly code: number
  /** how the run tells it */
  readonly says: RegExp
  /** which release clients get once the run has ended */
  readonly serves: 'the old one' | 'the new one' | 'either of them, on every edge'
}

const signal = (name: NodeJS.Signals, after: string, twice = false): PlaybookOptions => ({
  signal: { name, after, twice },
})
const scratch = mkdtempSync(join(tmpdir(), 'quayside-faults-'))
const unhealthy = (line: string) =>
  `HEALTHCHECK --interval=1s --retries=2 CMD false\nCMD ["python3", "-c", "import time; print('${line}', flush=True); time.sleep(600)"]\n`
const asRoot = (command: string) => `USER 0\nRUN ${command}\nUSER 10001:10001\n`
const failing = [
  'import http.server as h',
  'class A(h.BaseHTTPRequestHandler):',
  ' def do_GET(s):',
  "  s.send_response(200 if s.path=='/api/health' else 500); s.end_headers(); s.wfile.write(b'the crane is stuck')",
  "h.HTTPServer(('',8000),A).serve_forever()",
].join('\\n')

/** The lab's inventory with an nginx that would refuse its configuration. */
function brokenEdge(): readonly string[] {
  const inventory = join(scratch, 'inventory')
  cpSync(fileURLToPath(new URL('../../inventory/lab', import.meta.url)), inventory, { recursive: true })
  mkdirSync(join(inventory, 'host_vars'), { recursive: true })
  writeFileSync(join(inventory, 'host_vars', 'edge-2.yaml'), 'nginx_extra: "no_such_directive on;"\n')
  return ['--inventory', inventory]
}

const engine = (verb: string) => onHost('app-2', `systemctl ${verb} docker.socket docker.service`)
/** From without: nobody gets in by SSH then. */
const away = (verb: 'A' | 'D') =>
  docker([
    'exec',
    containerOf('app-2'),
    'iptables',
    `-${verb}`,
    'INPUT',
    '-p',
    'tcp',
    '--dport',
    '22',
    '-j',
    'DROP',
  ])
/** Only the ports of the colour that is not live: clients notice nothing. */
async function cutFromIdleColour(): Promise<void> {
  const live = await onHost('edge-2', '[ -f /etc/quayside/nginx/switch/green ] && echo green || echo blue')
  for (const port of live.trim() === 'green' ? [8010, 3010] : [8030, 3030])
    await onHost('edge-2', `iptables -A OUTPUT -p tcp --dport ${port}:${port + 9} -j DROP`)
}
/** where Docker puts what it pulls first */
const staging = '/var/lib/docker/tmp'

const faults: readonly Fault[] = [
  {
    what: 'Ctrl-C while the database is migrated',
    options: signal('SIGINT', 'migrate api'),
    code: 130,
    says: /interrupted: stopping after what runs now/,
    serves: 'the old one',
  },
  {
    what: 'Ctrl-C twice',
    options: signal('SIGINT', 'migrate api', true),
    code: 130,
    says: /interrupted/,
    serves: 'the old one',
  },
  {
    what: 'killed (-9) while images are pulled',
    options: signal('SIGKILL', 'pull'),
    code: 137,
    says: /pull/,
    serves: 'the old one',
  },
  {
    what: 'killed (-9) while the database is migrated',
    options: signal('SIGKILL', 'migrate api'),
    code: 137,
    says: /migrate/,
    serves: 'the old one',
  },
  {
    what: 'killed (-9) when the new colour is up',
    options: signal('SIGKILL', 'is up and healthy'),
    code: 137,
    says: /healthy/,
    serves: 'the old one',
  },
  {
    what: 'killed (-9) as it is about to flip',
    options: signal('SIGKILL', 'passes the smoke test'),
    code: 137,
    says: /smoke test/,
    serves: 'either of them, on every edge',
  },
  {
    what: 'killed (-9) after the flip',
    options: signal('SIGKILL', 'flipped edge-1'),
    code: 137,
    says: /flipped/,
    serves: 'the new one',
  },
  {
    what: 'the health check never succeeds',
    api: unhealthy('cannot open the harbour'),
    code: 1,
    says: /is not healthy after[\s\S]*cannot open the harbour/,
    serves: 'the old one',
  },
  {
    what: 'the container ends at once',
    api: `CMD ["sh", "-c", "echo no such berth >&2; exit 7"]\n`,
    code: 1,
    says: /no such berth/,
    serves: 'the old one',
  },
  {
    what: 'the smoke test fails',
    api: `CMD ["python3", "-c", "exec('''${failing}''')"]\n`,
    code: 1,
    says: /smoke test through the preview listener[\s\S]*the crane is stuck/,
    serves: 'the old one',
  },
  {
    what: 'the migration fails',
    api: asRoot('rm app/migrate.py'),
    code: 1,
    says: /migrate api[\s\S]*No module named app.migrate/,
    serves: 'the old one',
  },
  {
    what: 'an edge rejects its configuration',
    args: brokenEdge,
    code: 1,
    says: /unknown directive "no_such_directive"/,
    serves: 'the old one',
  },
  {
    what: 'an edge cannot reach the new colour',
    when: 'migrate api',
    harm: cutFromIdleColour,
    mend: () => onHost('edge-2', 'iptables -F OUTPUT'),
    code: 1,
    says: /edge-2: reach the new colour[\s\S]*cannot reach api of (blue|green) on app-1/,
    serves: 'the old one',
  },
  {
    what: 'the registry is away',
    when: '',
    harm: () => onHost('app-2', 'ip route add blackhole 10.213.77.10/32'),
    mend: () => onHost('app-2', 'ip route del blackhole 10.213.77.10/32'),
    code: 1,
    says: /app-2/,
    serves: 'the old one',
  },
  {
    what: "an app host's Docker engine stops",
    when: 'migrate api',
    harm: () => engine('stop'),
    mend: () => engine('start'),
    code: 1,
    says: /app-2/,
    serves: 'the old one',
  },
  {
    what: 'an app host cannot be reached any more',
    when: 'migrate api',
    harm: () => away('A'),
    mend: () => away('D'),
    code: 4,
    says: /app-2/,
    serves: 'the old one',
  },
  {
    what: "an app host's disk is full",
    api: asRoot('head -c 8000000 /dev/urandom >ballast'),
    when: '',
    harm: () => onHost('app-2', `mount -t tmpfs -o size=1m full ${staging}`),
    mend: () => onHost('app-2', `umount ${staging}`),
    code: 1,
    says: /app-2[\s\S]*no space left on device/,
    serves: 'the old one',
  },
]

const rows: FaultRow[] = []
let before: string
let turn = 0

beforeAll(async () => {
  const { code, output } = await inLab('deploy')
  expect(code, output).toBe(0)
})
afterAll(() => {
  rmSync(scratch, { recursive: true })
  // Of a run of some of them, or one with failures, no table is made.
  if (rows.length === faults.length) writeFaults(rows)
})

test.each(faults)('$what', async (fault) => {
  turn += 1
  before = await liveRelease()
  const next = await deriveRelease(before, `fault-${turn}-${Date.now()}`, fault.api ?? '')
  if (fault.when === '') await fault.harm?.()
  const traffic = startTraffic({ clients: 6, most: 60_000 })
  let harmed: Promise<unknown> | undefined
  let outcome: Outcome
  try {
    outcome = await inLab('deploy', ['--release', next, ...(fault.args?.() ?? [])], {
      ...fault.options,
      onOutput: (text) => {
        if (fault.when && text.includes(fault.when)) harmed ??= fault.harm?.()
      },
    })
    await harmed
  } finally {
    await fault.mend?.()
  }
  const serves = await liveRelease()
  const again = await inLab('deploy', ['--release', before])
  await traffic.stop()

  expect(outcome.code, outcome.output).toBe(fault.code)
  expect(outcome.output).toMatch(fault.says)
  expect(outcome.output).not.toMatch(/\n\s+at .*\.ts:\d+/)
  // A kill that comes as the flip begins may come after it.
  const right = {
    'the old one': [before],
    'the new one': [next],
    'either of them, on every edge': [before, next],
  }
  expect(right[fault.serves]).toContain(serves)
  // What the run left behind is no hindrance to the next one.
  expect(again.code, again.output).toBe(0)
  expect(await liveRelease()).toBe(before)
  rows.push({
    fault: fault.what,
    code: outcome.code,
    says: outcome.stderr.split('\n').find((line) => /^(error|interrupted)/.test(line)) ?? '(killed: nothing)',
    serves: fault.serves,
    requests: traffic.total(),
    failed: traffic.failures.length,
  })
  expect(traffic.failures).toEqual([])
})
