import { onHost, sql } from './lab.ts'
import type { Rival } from './rivals.ts'

const seconds = 20

/** Transactions a second of a serving database: with nothing else at work, while we take a backup, and while a rival does. */
export async function impact(take: () => Promise<unknown>, rival: Rival): Promise<void> {
  await sql('drop database if exists bench_serving with (force)', 'postgres')
  await sql('create database bench_serving', 'postgres')
  try {
    await onHost('docker exec -u postgres postgres pgbench -i -q -s 20 bench_serving 2>&1')
    const alone = await rate()
    console.log(`${'alone'.padEnd(32)} ${alone.toFixed(0).padStart(6)} tps`)
    for (const [name, work] of [
      ['while backup.ts takes', take],
      [`while ${rival.name}`, () => onHost(rival.text)],
    ] as const) {
      const working = work()
      const meanwhile = await rate()
      await working
      console.log(
        `${name.padEnd(32)} ${meanwhile.toFixed(0).padStart(6)} tps ${((meanwhile / alone) * 100).toFixed(0).padStart(5)} %`,
      )
    }
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
