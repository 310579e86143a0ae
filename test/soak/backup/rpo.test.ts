import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeBase } from '../../../lib/backup/base/take.ts'
import { readArchiver } from '../../../lib/backup/wal/status.ts'
import { sh } from '../../../lib/script/index.ts'
import { type ArchivedServer, archivedServer } from '../../lab/backup/archived-server.ts'

const name = 'rpo-test'
let server: ArchivedServer

beforeAll(async () => {
  server = await archivedServer(name)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

/** What would be lost if the host went now: from the last change that the archive has until now, in seconds. */
async function lostNow(): Promise<number> {
  const { must, psql } = server
  await must(sh`docker pause ${name} >/dev/null`)
  const lost = Date.now()
  try {
    const then = await server.recovered('latest')
    try {
      return (lost - new Date(then.reached ?? 0).getTime()) / 1000
    } finally {
      await then.remove()
    }
  } finally {
    await must(sh`docker unpause ${name} >/dev/null`)
    await psql('select 1')
  }
}

const load = (seconds: number, tag: string) =>
  server.must(
    sh`docker exec -d -u postgres ${name} sh -c ${`pgbench -n -c 2 -R 150 -T ${seconds} >/tmp/${tag} 2>&1`}`,
  )
const tps = async (tag: string) => {
  const said = await server.must(sh`docker exec ${name} cat /tmp/${tag}`)
  expect(said).toMatch(/number of failed transactions: 0 /)
  return Number(/tps = ([\d.]+)/.exec(said)?.[1])
}

test('under load and with S3 away for two minutes nothing is lost but the last moments, and the database goes on', async () => {
  const { connection, store, key, recipient, must } = server
  await must(sh`docker exec -u postgres ${name} pgbench -i -q -s 5`)
  await takeBase({
    server: { connection, container: name },
    store,
    env: name,
    recipients: [recipient],
    key,
    by: 'test',
  })
  await load(40, 'calm')
  await pause(30_000)
  const calm = await lostNow()
  await pause(15_000)

  await load(150, 'away')
  await server.away()
  await pause(120_000)
  const meanwhile = await readArchiver(connection)
  await server.back()
  const back = Date.now()
  await expect
    .poll(async () => (await readArchiver(connection))?.failing, { timeout: 120_000, interval: 1000 })
    .toBe(false)
  const caught = (Date.now() - back) / 1000
  await pause(35_000)
  const [before, during] = [await tps('calm'), await tps('away')]
  await load(40, 'after')
  await pause(30_000)
  const after = await lostNow()
  console.log(
    `RPO: ${calm.toFixed(1)} s under load; S3 away for 120 s: ${((meanwhile?.queueBytes ?? 0) / 1e6).toFixed(0)} MB queued, shipped ${caught.toFixed(0)} s after it was back; ${after.toFixed(1)} s under load again; ${before.toFixed(0)} transactions a second before, ${during.toFixed(0)} with S3 away`,
  )
  expect(meanwhile?.failing).toBe(true)
  // A promise, and no matter of speed: archive_timeout and an upload.
  expect(Math.max(calm, after)).toBeLessThan(60)
})
