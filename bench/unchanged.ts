/**
 * What a run costs that changes nothing: site.ts over the lab's five hosts, beside the floor, which is one bare
 * `ssh HOST sudo -n sh` a host with the very same probes on its standard input, all at once.
 *
 *     npm run bench            (RUNS=15 npm run bench for more runs)
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openConnection } from '../lib/connection/index.ts'
import { batch } from '../lib/engine/batch.ts'
import { factsScript, readFacts } from '../lib/engine/facts.ts'
import { schemasOf } from '../lib/engine/play.ts'
import { noFilter } from '../lib/engine/tags.ts'
import { planHost } from '../lib/engine/task.ts'
import type { Host } from '../lib/inventory/inventory.ts'
import { loadInventory } from '../lib/inventory/load.ts'
import { lines } from '../lib/script/index.ts'
import { stack } from '../roles/stack.ts'

const runs = Number(process.env.RUNS ?? 7)
const root = fileURLToPath(new URL('..', import.meta.url))
const inventory = await loadInventory({ env: 'lab', dir: `${root}/inventory/lab`, schemas: schemasOf(stack) })

/** Everything that site.ts asks of a host, as one script. */
async function probesOf(host: Host): Promise<{ text: string; count: number }> {
  const connection = await openConnection(host.target)
  const facts = readFacts((await connection.run(factsScript)).stdout)
  await connection.close()
  const plays = stack.filter((play) => inventory.select(play.hosts).includes(host))
  const tasks = plays.flatMap(
    (play) => planHost(play, host, { inventory, facts, others: new Map() }, noFilter).tasks,
  )
  const { script } = batch(tasks.map((task) => task.resource.probe))
  return { text: lines(factsScript, script).reveal(), count: tasks.length }
}

function run(
  command: string,
  args: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))))
  })
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < runs; turn += 1) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
}

const probes = new Map(
  await Promise.all(inventory.hosts.map(async (host) => [host, await probesOf(host)] as const)),
)
const resources = [...probes.values()].reduce((sum, { count }) => sum + count, 0)
console.log(`${inventory.hosts.length} hosts, ${resources} resources in place, ${runs} runs each, medians\n`)

const floor = await median(() =>
  Promise.all(
    [...probes].map(([{ target }, { text }]) => {
      const options = ['-o', `UserKnownHostsFile=${target.knownHostsFile}`, '-o', 'IdentitiesOnly=yes']
      const login = [
        '-i',
        target.identityFile ?? '',
        '-p',
        String(target.port ?? 22),
        `${target.user}@${target.host}`,
      ]
      return run('ssh', [...options, ...login, 'sudo', '-n', 'sh'], text)
    }),
  ),
)
const rows: [string, number][] = [['bare ssh, the same probes', floor]]
rows.push([
  `npx zx (Node ${process.versions.node})`,
  await median(() => run('npx', ['zx', 'playbooks/site.ts', '--env', 'lab'], '')),
])
const bun = process.env.BUN
if (bun !== undefined)
  rows.push(['bun run', await median(() => run(bun, ['run', 'playbooks/site.ts', '--env', 'lab'], ''))])
for (const [name, ms] of rows)
  console.log(
    `${name.padEnd(28)} ${(ms / 1000).toFixed(2).padStart(6)} s  ${(ms / floor).toFixed(1).padStart(5)} × the floor`,
  )
