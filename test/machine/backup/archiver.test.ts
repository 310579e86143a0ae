import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { archiveCommand } from '../../../roles/postgres-pgvector/wal/archive-command.ts'
import { archiver } from '../../../roles/postgres-pgvector/wal/archiver.ts'
import { walPaths } from '../../../roles/postgres-pgvector/wal/paths.ts'

/** What a server's files say it is. */
const system = 7712052608427606045n

/** S3 as curl would find it: objects are files, and the file `away` is an outage. zstd and age change nothing. */
const stubs = {
  curl: `#!/bin/sh
echo "$@" >>"$STUBS/calls"
[ ! -e "$STUBS/away" ] || { echo 'curl: (7) Failed to connect to s3.lab port 7480' >&2; printf 000; exit 7; }
put= out= sum= head=
while [ $# -gt 0 ]; do
  case $1 in
    -T) put=$2; shift ;; -o) out=$2; shift ;; -I) head=yes ;;
    -H) case $2 in x-amz-meta-sha256:*) sum=\${2#*: } ;; esac; shift ;;
    -K | -w | --*) shift ;; http*) url=$1 ;;
  esac
  shift
done
object=$STUBS/store/$(echo "\${url#http://s3.lab/}" | tr / @)
if [ -n "$head" ]; then
  printf 'HTTP/1.1 200 OK\\r\\nX-Amz-Meta-Sha256: %s\\r\\n' "$(cat "$object.sum")"
elif [ -e "$STUBS/denied" ]; then
  echo '<Error><Code>AccessDenied</Code></Error>' >"$out"; printf 403
elif [ -e "$object" ]; then
  printf 412
else
  cp "$put" "$object" && echo "$sum" >"$object.sum" && printf 200
fi
`,
  zstd: '#!/bin/sh\nfor last; do :; done\ncat "$last"\n',
  age: '#!/bin/sh\nfor last; do :; done\ncat >"$last"\n',
}

let at: string
let running: ChildProcess | undefined
let said: string

beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'archiver-'))
  said = ''
  for (const each of [
    'bin',
    'store',
    'data/global',
    'data/pg_wal/archive_status',
    'state/done',
    'state/gaps',
  ])
    mkdirSync(join(at, each), { recursive: true })
  for (const [name, text] of Object.entries(stubs)) {
    writeFileSync(join(at, 'bin', name), text)
    chmodSync(join(at, 'bin', name), 0o755)
  }
  writeFileSync(join(at, 'data/global/pg_control'), identifier())
  writeFileSync(join(at, 'archiver'), archiver)
})

afterEach(async () => {
  running?.kill('SIGKILL')
  await pause(50)
  rmSync(at, { recursive: true, force: true, maxRetries: 5 })
})

function identifier(of = system): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(of)
  return bytes
}

/** A finished segment of one megabyte, which PostgreSQL asks to be archived; gives its checksum. */
function ready(name: string, fill: string, of = system): string {
  const bytes = Buffer.alloc(1 << 20, fill)
  identifier(of).copy(bytes, 24)
  writeFileSync(join(at, 'data/pg_wal', name), bytes)
  writeFileSync(join(at, 'data/pg_wal/archive_status', `${name}.ready`), '')
  return createHash('sha256').update(bytes).digest('hex')
}

function start(queueMb = 100): void {
  const settings = {
    data: join(at, 'data'),
    url: 'http://s3.lab/backups/lab/wal',
    recipients: "'-r age1a -r age1b'",
    credentials: '/etc/quayside/wal/credentials',
    headers: '/etc/quayside/wal/headers',
    state: join(at, 'state'),
    work: join(at, 'work'),
    metrics: join(at, 'wal.prom'),
    parallel: 3,
    queue_mb: queueMb,
    free_mb: 0,
    lock_days: 0,
  }
  const text = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(at, 'settings'), text.join(''))
  running = spawn('sh', [join(at, 'archiver'), join(at, 'settings')], {
    env: { ...process.env, PATH: `${join(at, 'bin')}:${process.env.PATH}`, STUBS: at },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  running.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    said += piece
  })
}

const done = (name: string) => join(at, 'state/done', name)
const object = (name: string) =>
  join(at, 'store', `backups/lab/wal/${system}/${name.slice(0, 8)}/${name}`.replaceAll('/', '@'))
const content = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined)
const settled = { timeout: 20_000, interval: 50 }
const names = ['000000010000000000000001', '000000010000000000000002', '000000010000000000000003'] as const

test('what is ready is shipped, and then said to be done, with its checksum', async () => {
  const sums = names.map((name, index) => ready(name, String(index)))
  ready('00000002.history', 'h')
  rmSync(join(at, 'data/pg_wal/archive_status', `${names[2]}.ready`))
  start()
  await expect.poll(() => content(done(names[1])), settled).toBe(sums[1])
  await expect.poll(() => content(done(names[0])), settled).toBe(sums[0])
  await expect.poll(() => existsSync(done('00000002.history')), settled).toBe(true)
  const stored = readFileSync(`${object(names[0])}.zst.age`)
  expect(stored.equals(readFileSync(join(at, 'data/pg_wal', names[0])))).toBe(true)
  expect(existsSync(`${object('00000002.history')}.age`)).toBe(true)
  expect(existsSync(done(names[2]))).toBe(false)
  expect(content(join(at, 'calls'))).toContain('-K /etc/quayside/wal/credentials')
  await expect.poll(() => content(join(at, 'wal.prom')), settled).toContain('quayside_wal_queue_bytes 0')
  expect(content(join(at, 'state/status'))).toContain(`system=${system}`)
  // PostgreSQL has seen it, and asks no more.
  rmSync(join(at, 'data/pg_wal/archive_status', `${names[0]}.ready`))
  await expect.poll(() => existsSync(done(names[0])), settled).toBe(false)
})

test('what S3 has already is done if it is the same, and never if it is not', async () => {
  const same = ready(names[0], 'a')
  ready(names[1], 'b')
  for (const [name, sum] of [
    [names[0], same],
    [names[1], '0'.repeat(64)],
  ] as const) {
    writeFileSync(`${object(name)}.zst.age`, 'of an earlier attempt')
    writeFileSync(`${object(name)}.zst.age.sum`, sum)
  }
  start()
  await expect.poll(() => content(done(names[0])), settled).toBe(same)
  await expect.poll(() => said, settled).toContain(`S3 has another ${names[1]} already`)
  expect(existsSync(done(names[1]))).toBe(false)
  expect(content(`${object(names[1])}.zst.age`)).toBe('of an earlier attempt')
})

test('while S3 is away it waits and tells, and goes on when it is back', async () => {
  writeFileSync(join(at, 'away'), '')
  const sums = names.map((name) => ready(name, 'x'))
  start()
  await expect
    .poll(() => said, settled)
    .toContain('cannot ship to S3: Failed to connect to s3.lab port 7480 (3')
  expect(readdirSync(join(at, 'state/done'))).toEqual([])
  await expect.poll(() => content(join(at, 'state/status')), settled).toContain('failing=1')
  rmSync(join(at, 'away'))
  await expect.poll(() => names.map((name) => content(done(name))), settled).toEqual(sums)
  await expect.poll(() => said, settled).toContain('ships to S3 again')
  expect(said).not.toContain('GAP')
})

test('what S3 says no to is told in its words', async () => {
  writeFileSync(join(at, 'denied'), '')
  ready(names[0], 'x')
  start()
  await expect.poll(() => said, settled).toContain('S3 answers 403 AccessDenied')
  expect(existsSync(done(names[0]))).toBe(false)
})

test('beyond its bound the oldest is given up, and only that', async () => {
  writeFileSync(join(at, 'away'), '')
  const [oldest] = names.map((name) => ready(name, 'x'))
  start(2)
  await expect.poll(() => said, settled).toContain(`GAP: gave up ${names[0]}`)
  expect(content(done(names[0]))).toBe(oldest)
  expect(JSON.parse(content(join(at, 'state/gaps', names[0])) ?? '')).toMatchObject({
    system: String(system),
    name: names[0],
  })
  await expect.poll(() => content(join(at, 'wal.prom')), settled).toContain('quayside_wal_gaps 1')
  expect(existsSync(done(names[1]))).toBe(false)
  rmSync(join(at, 'away'))
  await expect.poll(() => existsSync(done(names[2])), settled).toBe(true)
  expect(existsSync(`${object(names[0])}.zst.age`)).toBe(false)
})

test('a server that was made anew has its own log shipped, though its segments have the names of the one before', async () => {
  ready(names[0], 'x')
  start()
  await expect.poll(() => existsSync(done(names[0])), settled).toBe(true)
  const other = system + 1n
  // It went before it had heard that its segment is done.
  const sum = ready(names[0], 'y', other)
  writeFileSync(join(at, 'data/global/pg_control'), identifier(other))
  await expect.poll(() => content(done(names[0])), settled).toBe(sum)
  const key = `backups/lab/wal/${other}/${names[0].slice(0, 8)}/${names[0]}.zst.age`
  expect(existsSync(join(at, 'store', key.replaceAll('/', '@')))).toBe(true)
})

test('neither a link nor the segment of another server is shipped', async () => {
  ready(names[0], 'x', 1n)
  ready(names[1], 'x')
  rmSync(join(at, 'data/pg_wal', names[1]))
  writeFileSync(join(at, 'outside'), 'of the host')
  symlinkSync(join(at, 'outside'), join(at, 'data/pg_wal', names[1]))
  start()
  await expect.poll(() => said, settled).toContain(`${names[0]} is another server's than ${system}`)
  rmSync(join(at, 'data/pg_wal/archive_status', `${names[0]}.ready`))
  await expect.poll(() => said, settled).toContain(`${names[1]} is no file`)
  expect(readdirSync(join(at, 'store'))).toEqual([])
})

test("PostgreSQL is told that it is done when the archiver's checksum is that of its file", () => {
  const sum = ready(names[0], 'x')
  const short = archiveCommand.replaceAll(walPaths.done, join(at, 'state/done'))
  writeFileSync(join(at, 'archive-wal'), short.replace('-lt 40', '-lt 2'))
  const ask = () => spawnSync('sh', [join(at, 'archive-wal'), join(at, 'data/pg_wal', names[0]), names[0]])
  expect(ask()).toMatchObject({ status: 1 })
  expect(String(ask().stderr)).toContain(`${names[0]} is not in S3 yet`)
  writeFileSync(done(names[0]), `${'0'.repeat(64)}\n`)
  expect(ask()).toMatchObject({ status: 1 })
  writeFileSync(done(names[0]), `${sum}\n`)
  expect(ask()).toMatchObject({ status: 0 })
})
