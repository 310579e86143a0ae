import { onHost, sql } from './lab.ts'
import type { Rival } from './rivals.ts'

const seconds = 20

/** Transactions a second of a serving database: with nothing else at work (before and after), while we take a backup, and while a rival does. */
export async function impact(take: () => Promise<unknown>, rival: Rival): Promise<void> {
  await sql('drop database if exists bench_serving with (force)', 'postgres')
  await sql('create database bench_serving', 'postgres')
  try {
    await onHost('docker exec -u postgres postgres pgbench -i -q -s 20 bench_serving 2>&1')
    // What was just written is still on its way to the disk: the first runs are slower than all others.
    await onHost('docker exec -u postgres postgres psql -c checkpoint >/dev/null')
    await rate()
    const rates = new Map<string, number>()
    for (const [name, work] of [
      ['alone', async () => {}],
      ['while backup.ts takes', take],
      [`while ${rival.name}`, () => onHost(rival.text)],
      ['alone again', async () => {}],
    ] as const) {
      const working = work()
      rates.set(name, await rate())
      await working
    }
    const alone = ((rates.get('alone') ?? 0) + (rates.get('alone again') ?? 0)) / 2
    for (const [name, tps] of rates)
      console.log(
        `${name.padEnd(32)} ${tps.toFixed(0).padStart(6)} tps ${((tps / alone) * 100).toFixed(0).padStart(5)} %`,
      )
  } finally {
    await sql('drop database if exists bench_serving with (force)', 'postgres')
  }
}

async function rate(): Promise<number> {
  const said = await onHost(
    `docker exec -u postgres postgres pgbench -n -c 4 -j 2 -T ${seconds} bench_serving 2>&1`,
  )
  const [, tps] = /tps = ([\d.]+)/.exec(said) ?? []
  if (tps === undefined) throw new Error(said)
  return Number(tps)
}
