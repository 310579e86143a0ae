import { onHost, sql } from './lab.ts'
import type { Rival } from './rivals.ts'

/** of each measurement */
const seconds = 20
/** how often each is done, in turn: the mean of them is told */
const turns = 2

/** Transactions a second of a serving database: with nothing else at work, while we take a backup, and while a rival does. */
export async function impact(take: () => Promise<unknown>, rival: Rival): Promise<void> {
  await sql('drop database if exists bench_serving with (force)', 'postgres')
  await sql('create database bench_serving', 'postgres')
  try {
    await onHost('docker exec -u postgres postgres pgbench -i -q -s 20 bench_serving 2>&1')
    // What was just written is still on its way to the disk: the first runs are slower than all others.
    await onHost('docker exec -u postgres postgres psql -c checkpoint >/dev/null')
    await rate()
    const rates = new Map<string, number[]>()
    const works = [
      ['alone', async () => {}],
      ['while backup.ts takes', take],
      [`while ${rival.name}`, () => onHost(rival.text)],
    ] as const
    for (let turn = 0; turn < turns; turn += 1)
      for (const [name, work] of works) {
        const working = work()
        rates.set(name, [...(rates.get(name) ?? []), await rate()])
        await working
      }
    const mean = (all: readonly number[]) => all.reduce((sum, each) => sum + each, 0) / all.length
    const alone = mean(rates.get('alone') ?? [])
    for (const [name, all] of rates)
      console.log(
        `${name.padEnd(32)} ${mean(all).toFixed(0).padStart(6)} tps ${((mean(all) / alone) * 100).toFixed(0).padStart(5)} %  (${all.map((each) => each.toFixed(0)).join(', ')})`,
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
