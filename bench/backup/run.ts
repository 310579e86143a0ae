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
import { database, leave, onHost, playbook, sql } from './lab.ts'
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
  console.log(`\nTaking ${mb(bytes)} MB, the best of ${repeat} runs\n`)
  const floor = await row(copying()[0] as Rival, bytes)
  for (const rival of copying().slice(1)) await row(rival, bytes, floor)
  const take = await best(() => timed({ argv: playbook('backup', 'take') }))
  tell(
    `${ours}backup.ts`,
    take,
    bytes,
    floor,
    'every row counted and hashed in the same snapshot; from the host through this machine to S3',
  )
  console.log(
    `  peak memory of that run: ${(await peakMemory({ argv: playbook('backup', 'take') })).mib.toFixed(0)} MiB`,
  )

  console.log('\nWhat the serving database loses meanwhile (pgbench, 4 clients)\n')
  await impact(() => timed({ argv: playbook('backup', 'take') }), copying()[2] as Rival)

  console.log('\nBringing it back\n')
  await makeDump()
  const [first, ...others] = bringingBack()
  const back = await row(first as Rival, bytes)
  for (const rival of others) await row(rival, bytes, back)
  const restored = await best(async () => {
    const measured = await timed({ argv: playbook('restore', 'newest') })
    console.log(measured.stdout.replace(/^/gm, '      '))
    await timed({ argv: playbook('restore', 'drop-beside') })
    return measured
  })
  tell(
    `${ours}restore.ts`,
    restored,
    bytes,
    back,
    'decrypted here; every table held against the manifest, rows and hash',
  )
  const { mib } = await peakMemory({ argv: playbook('restore', 'newest') })
  console.log(`  peak memory of that run: ${mib.toFixed(0)} MiB`)
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

async function row({ name, text, note }: Rival, bytes: number, floor?: number): Promise<number> {
  const measured = await best(async () => {
    const began = performance.now()
    await onHost(text)
    return { seconds: (performance.now() - began) / 1000 }
  })
  tell(name, measured, bytes, floor, note)
  return measured.seconds
}

async function best<M extends { readonly seconds: number }>(work: () => Promise<M>): Promise<M> {
  let least = await work()
  for (let turn = 1; turn < repeat; turn += 1) {
    const next = await work()
    if (next.seconds < least.seconds) least = next
  }
  return least
}

function tell(
  name: string,
  measured: { readonly seconds: number },
  bytes: number,
  floor?: number,
  note = '',
): void {
  const rate = mb(bytes / measured.seconds)
  const ratio = floor === undefined ? '' : `${(measured.seconds / floor).toFixed(2)} ×`
  console.log(
    `${name.padEnd(32)} ${measured.seconds.toFixed(1).padStart(6)} s ${rate.padStart(5)} MB/s ${ratio.padStart(7)}  ${note}`,
  )
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
