/**
 * The benchmark of backups: a database of more than 2 GB on the lab's database host, taken and brought back by us, by
 * pg_dump and pg_restore alone, by the pipe that one writes in a shell, and by pgBackRest; what the serving database
 * loses meanwhile; and the memory that our runs take on this machine.
 *
 *     npm run bench:backup                   about half an hour on two cores
 *     npm run bench:backup -- --scale 0.1    a tenth of the data, to try it
 */
import { parseArgs } from 'node:util'
import { ensureStandIns, labUp } from '../../lib/lab/index.ts'
import { peakMemory, timed } from '../measure.ts'
import { largeDatabase } from './data.ts'
import { database, forget, leave, onHost, playbook, sql } from './lab.ts'
import { bringingBack, clean, copying, makeDump, prepare, type Rival, ready } from './rivals.ts'
import { impact } from './serving.ts'

const { values } = parseArgs({
  options: { scale: { type: 'string', default: '1' }, repeat: { type: 'string', default: '2' } },
})
const scale = Number(values.scale)
const repeat = Number(values.repeat)
const ours = './zx playbooks/'

await labUp({ log: console.log })
await ensureStandIns(console.log)
await timed({ argv: playbook('site') })
try {
  const bytes = await fill()
  await prepare()
  await ready()
  console.log(`\nTaking ${mb(bytes)} MB, the best of ${repeat} runs, all in turn\n`)
  await inTurn(bytes, [
    ...copying().map(byShell),
    {
      name: `${ours}backup.ts`,
      note: 'every row counted and hashed in the same snapshot; from the host through this machine to S3',
      run: async () => {
        await forget()
        return await timed({ argv: playbook('backup', 'take') })
      },
    },
  ])
  const { mib: taking } = await peakMemory({ argv: playbook('backup', 'take') })
  console.log(`  peak memory of backup.ts: ${taking.toFixed(0)} MiB`)

  console.log('\nWhat the serving database loses meanwhile (pgbench, 4 clients)\n')
  await impact(() => timed({ argv: playbook('backup', 'take') }), copying()[2] as Rival)

  console.log('\nBringing it back\n')
  await makeDump()
  await inTurn(bytes, [
    ...bringingBack().map(byShell),
    {
      name: `${ours}restore.ts`,
      note: 'decrypted here; every table held against the manifest, rows and hash',
      run: async () => {
        const measured = await timed({ argv: playbook('restore', 'newest') })
        console.log(`      restore.ts: ${/tables, .*/.exec(measured.stdout)?.[0]}`)
        await timed({ argv: playbook('restore', 'drop-beside') })
        return measured
      },
    },
  ])
  const { mib: restoring } = await peakMemory({ argv: playbook('restore', 'newest') })
  console.log(`  peak memory of restore.ts: ${restoring.toFixed(0)} MiB`)
  await timed({ argv: playbook('restore', 'drop-beside') })
} finally {
  await clean().catch(console.error)
  await sql(`drop database if exists ${database} with (force)`, 'postgres').catch(console.error)
  await leave()
  console.log("\nthe lab's PostgreSQL keeps its 3 GB of memory until the next site.ts --env lab")
}

async function fill(): Promise<number> {
  await sql(`drop database if exists ${database} with (force)`, 'postgres')
  await sql(`create database ${database}`, 'postgres')
  for (const { what, sql: text } of largeDatabase(scale)) {
    const began = performance.now()
    await sql(text)
    console.log(`${seconds(performance.now() - began).padStart(8)}  ${what}`)
  }
  return Number(await sql(`select pg_database_size('${database}')`))
}

interface Contender {
  readonly name: string
  readonly note?: string
  run(): Promise<{ readonly seconds: number }>
}

function byShell({ text, ...rival }: Rival): Contender {
  const run = async () => {
    const began = performance.now()
    await onHost(text)
    return { seconds: (performance.now() - began) / 1000 }
  }
  return { ...rival, run }
}

/** One after another and then again, so that a slow hour of the machine is everybody's; tells each one's best, beside the first's. */
async function inTurn(bytes: number, all: readonly Contender[]): Promise<void> {
  const runs = new Map<string, number[]>(all.map(({ name }) => [name, []]))
  for (let turn = 0; turn < repeat; turn += 1)
    for (const { name, run } of all) runs.get(name)?.push((await run()).seconds)
  const least = (name: string) => Math.min(...(runs.get(name) ?? []))
  const floor = least(all[0]?.name ?? '')
  for (const { name, note = '' } of all) {
    const ratio = `${(least(name) / floor).toFixed(2)} ×`
    const each = (runs.get(name) ?? []).map((one) => one.toFixed(1)).join(', ')
    console.log(
      `${name.padEnd(32)} ${least(name).toFixed(1).padStart(6)} s ${mb(bytes / least(name)).padStart(5)} MB/s ${ratio.padStart(7)}  (${each}) ${note}`,
    )
  }
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
