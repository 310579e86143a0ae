/**
 * The benchmark: the reference workload by our playbook, by Ansible (plain and with Mitogen), and by the floor, a bare
 * ssh loop with one script; on sshd processes of this machine, each with a view of its files of its own.
 *
 *     sudo bench/setup.sh          once: what it compares with, from Debian
 *     npm run bench                1 and 10 hosts with all tools, 50 and 200 without Ansible: some minutes
 *     npm run bench -- --full      the whole matrix: an hour
 *     npm run bench -- --hosts 10 --latency 0,50 --repeat 5 --only quayside,xargs
 *
 * pyinfra is not measured: Debian does not have it.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startProxy } from './delay.ts'
import { makeHosts } from './hosts.ts'
import { peakMemory, timed } from './measure.ts'
import { probeScript } from './probes.ts'
import { type Cell, table } from './table.ts'
import { type Place, toolsHere } from './tools.ts'

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1,10,50,200' },
    latency: { type: 'string', default: '0,10,50' },
    repeat: { type: 'string', default: '3' },
    only: { type: 'string' },
    full: { type: 'boolean', default: false },
    'first-run': { type: 'string', default: '1,10' },
    out: { type: 'string', default: 'bench-result.json' },
  },
})
const numbers = (text: string) => text.split(',').filter(Boolean).map(Number)
const repeat = Number(values.repeat)
const wanted = values.only?.split(',')

if (process.getuid?.() !== 0)
  throw new Error('the benchmark mounts file systems for its hosts: run it as root')
const tools = toolsHere(probeScript()).filter(
  ({ name }) => wanted === undefined || wanted.some((word) => name.includes(word)),
)
const dir = mkdtempSync(join(tmpdir(), 'quayside-bench-'))
const most = Math.max(...numbers(values.hosts))
const cells: Cell[] = []
let cleaning = false

const hosts = makeHosts(dir, most)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void clean().then(() => process.exit(130)))
try {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${load()}\n`,
  )
  for (const count of numbers(values['first-run'])) await firstRuns(count)
  await place()
  for (const count of numbers(values.hosts)) {
    await hosts.start(count, false)
    for (const latency of numbers(values.latency)) await unchanged(count, latency)
    await hosts.stop()
  }
} finally {
  await clean()
  const result = { when: new Date().toISOString(), node: process.versions.node, cpu: cpus()[0]?.model, cells }
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
  console.log(`\n${table(cells)}\n\n${values.out}: the same for machines`)
}

/** Once, though a Ctrl-C may ask for it while the end does. */
async function clean(): Promise<void> {
  if (cleaning) return
  cleaning = true
  await hosts.stop()
  execFileSync('umount', [join(dir, 'hosts')])
  rmSync(dir, { recursive: true, force: true })
}

/** Both tools' first runs bring the state that all hosts are then started with. */
async function place(): Promise<void> {
  await hosts.start(1, true)
  for (const tool of tools.filter(({ looksOnly }) => looksOnly !== true))
    await timed(tool.command({ dir, hosts, count: 1, way: 'direct' }))
  hosts.keep()
  await hosts.stop()
}

/** Everything is to be done but the packages, whose installation would be apt's time with every tool. */
async function firstRuns(count: number): Promise<void> {
  for (const tool of tools) {
    if (tool.looksOnly || skipped(tool.upTo, count)) continue
    await measure(tool.name, 'first run', count, 0, async () => {
      await hosts.start(count, true)
      const at: Place = { dir, hosts, count, way: 'direct' }
      try {
        const run = await timed(tool.command(at))
        tool.judge(run.stdout, count, true)
        return run
      } finally {
        tool.cool(at)
        await hosts.stop()
      }
    })
  }
}

async function unchanged(count: number, latency: number): Promise<void> {
  const way = latency === 0 ? 'direct' : 'delayed'
  const at: Place = { dir, hosts, count, way }
  const proxy = latency === 0 ? undefined : await startProxy(latency, count)
  try {
    for (const tool of tools) {
      if (skipped(tool.upTo, count)) continue
      const run = async () => {
        const measured = await timed(tool.command(at))
        tool.judge(measured.stdout, count, false)
        return measured
      }
      tool.cool(at)
      await measure(tool.name, 'cold', count, latency, run, 1)
      await proxy?.count()
      await measure(tool.name, 'warm', count, latency, run, repeat, async () => {
        if (proxy !== undefined) {
          const { turns, connections, cpuSeconds } = await proxy.count()
          return {
            turns: turns / repeat / count,
            connections: connections / repeat / count,
            proxyCpu: cpuSeconds / repeat,
          }
        }
        return { peakMiB: (await peakMemory(tool.command(at))).mib }
      })
      tool.cool(at)
    }
  } finally {
    await proxy?.stop()
  }
}

async function measure(
  tool: string,
  kind: Cell['kind'],
  count: number,
  latency: number,
  run: () => Promise<{ seconds: number; cpuSeconds: number }>,
  times = kind === 'first run' ? Math.min(repeat, 3) : repeat,
  more: () => Promise<Partial<Cell>> = async () => ({}),
): Promise<void> {
  const runs: { seconds: number; cpuSeconds: number }[] = []
  for (let turn = 0; turn < times; turn += 1) runs.push(await run())
  const middle = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)]
  if (middle === undefined) return
  const cell: Cell = {
    tool,
    kind,
    hosts: count,
    latency,
    seconds: middle.seconds,
    cpuSeconds: middle.cpuSeconds,
    runs: runs.map(({ seconds }) => seconds),
    load: load(),
    ...(await more()),
  }
  cells.push(cell)
  console.log(table([cell]).split('\n').at(-1))
}

/** Ansible takes minutes on many hosts, and more with latency. */
function skipped(upTo: number, count: number): boolean {
  return !values.full && count > upTo
}

function load(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0])
}
