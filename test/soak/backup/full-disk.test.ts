import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Manifest } from '../../../lib/backup/manifest.ts'
import type { Place } from '../../../lib/backup/place.ts'
import { type Choice, check, restore } from '../../../lib/backup/restore/index.ts'
import type { Source, Tools } from '../../../lib/backup/restore/tools.ts'
import { storeOf } from '../../../lib/backup/store/index.ts'
import { takePostgres } from '../../../lib/backup/take-postgres.ts'
import type { Event } from '../../../lib/engine/event.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { openDatabase, type Server } from '../../../lib/postgres/database.ts'
import { raw, sh } from '../../../lib/script/index.ts'
import { newKey } from '../../../lib/secret/age/crypt.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { namesLike } from '../../lab/backup/databases.ts'
import { dataFolder, ownServer } from '../../lab/backup/own-server.ts'
import { postgresServer, runSql } from '../../lab/backup/postgres-host.ts'

// A server of its own on the host, whose data is in a tmpfs of 220 MB: the host's disk is nobody's to fill.
const container = 'quayside-full-disk-test'
const data = dataFolder
const dir = mkdtempSync(join(tmpdir(), 'quayside-full-disk-'))
const host = { name: 'db-1', groups: ['db'], vars: {} } as unknown as Host
const notes: string[] = []
let near: Awaited<ReturnType<typeof postgresServer>>
let server: Server
let source: Source
let tools: Tools
let choice: Choice

const onHost = async (script: ReturnType<typeof sh>) => {
  const { code, stdout, stderr } = await near.connection.run(script)
  expect(`${code} ${stderr}`).toMatch(/^0 /)
  return stdout.trim()
}

beforeAll(async () => {
  near = await postgresServer()
  server = await ownServer(near, container, 220)
  await runSql(server, 'postgres', 'create database full_disk')
  await runSql(
    server,
    'full_disk',
    `create table rows as select g as id, md5(g::text) as word from generate_series(1, 500000) g`,
  )
  const key = await newKey()
  const store = await storeOf({ directory: join(dir, 'store') }, { dir })
  const signal = new AbortController().signal
  const emit = (event: Event) => void (event.type === 'note' && notes.push(event.text))
  const plan = { env: 'lab', db: host, settings: { backup_dumps: 1 }, databases: ['full_disk'], volumes: [] }
  const place = {
    plan,
    store,
    emit,
    signal,
    connection: async () => near.connection,
    server: async () => server,
  }
  const folder = 'lab/backups/20261125T101500Z-3f9a1c/'
  const postgres = await takePostgres({
    place: place as unknown as Place,
    folder,
    recipients: [key.recipient],
    signal,
  })
  source = {
    folder,
    manifest: { id: '20261125T101500Z-3f9a1c', env: 'lab', postgres, volumes: [] } as unknown as Manifest,
  }
  tools = {
    ...(place as unknown as Tools),
    keys: { origin: 'the test', identities: [new Secret(key.identity)] },
    run: 'abcdef',
  }
  choice = {
    databases: postgres.databases,
    swap: false,
    globals: false,
    redis: false,
    volumes: false,
    scrub: new Map(),
    jobs: 2,
  }
})

afterAll(async () => {
  await near.connection.run(sh`docker rm -f -v ${container}`)
  await near.connection.close()
  rmSync(dir, { recursive: true, force: true })
})

async function databases(): Promise<readonly string[]> {
  await using admin = await openDatabase(server, 'postgres', { purpose: 'test' })
  const all = await admin.rows<{ datname: string }>(namesLike('full_disk'))
  return all.map(({ datname }) => datname)
}

/** Leaves that many megabytes free. */
const fill = (free: number) =>
  onHost(
    sh`docker exec -u postgres ${container} sh -c ${raw(`'dd if=/dev/zero of=${data}/filler bs=1M count=$(($(df -Pm ${data} | tail -n 1 | tr -s " " | cut -d" " -f4) - ${free})) 2>/dev/null'`)}`,
  )

test('too little room is told before anything is begun', async () => {
  await fill(20)
  await expect(check(tools, source, choice)).rejects.toThrow(
    /cannot be restored here:\n {2}- about \d+ MB are needed beside what is there, and \d+ MB are free/,
  )
  expect(await databases()).toEqual(['full_disk'])
})

test('a disk that fills up meanwhile ends a restore, and nothing of it is left', async () => {
  await onHost(sh`docker exec ${container} rm -f ${`${data}/filler`}`)
  const heads = await check(tools, source, choice)
  const began = new Date().toISOString()
  await fill(12)
  await expect(restore(tools, source, choice, heads)).rejects.toThrow(
    /the restore was ended, as PostgreSQL's disk has \d+ MB left/,
  )
  await onHost(sh`docker exec ${container} rm -f ${`${data}/filler`}`)
  // The server was not thrown down by a log that finds no room.
  const { stdout, stderr } = await near.connection.run(sh`docker logs --since ${began} ${container}`)
  expect(stdout + stderr).not.toMatch(/PANIC|shut down|not properly/)
  expect(await databases()).toEqual(['full_disk'])
  // … and with room it goes well.
  const [restored] = await restore(tools, source, choice, await check(tools, source, choice))
  expect(restored?.rows).toBe(500_000)
})
