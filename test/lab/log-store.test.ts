import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { formOf } from '../../lib/logs/form.ts'
import { paths as collector } from '../../roles/log-collector/paths.ts'
import { paths as store } from '../../roles/log-store/paths.ts'
import { onHost } from './lab-host.ts'
import { inLab } from './playbook.ts'
import { sayTo } from './relp-client.ts'
import { askPage } from './traced-page.ts'

const folder = '/var/log/quayside-store'

interface Told {
  readonly time: string
  readonly host: string
  readonly container: string
  readonly service: string
  readonly message: string
}

async function told(...flags: readonly string[]): Promise<readonly Told[]> {
  const { code, stdout, output } = await inLab('logs', [...flags, '--since', '10m', '--json'])
  expect(code, output).toBe(0)
  const events = stdout.split('\n').filter(Boolean)
  return events.map((line) => JSON.parse(line)).find(({ type }) => type === 'result').data.entries
}

/** What the store has, once it has so many entries: lines are on their way for a moment, after a restart of the store for ten seconds. */
async function arrived(least: number, ...flags: readonly string[]): Promise<readonly Told[]> {
  for (let left = 15; ; left--) {
    const entries = await told('--from', 'store', ...flags)
    if (entries.length >= least || left === 0) return entries
    await sleep(1000)
  }
}

test('of a request the store has what the hosts have: nginx, web and api, entry by entry', async () => {
  const id = `store-test-${randomUUID()}`
  expect(await askPage('/?q=harbour', id)).toBe(200)
  const fromHosts = await told('--request', id)
  expect(new Set(fromHosts.map(({ service }) => service))).toEqual(new Set(['nginx', 'web', 'api']))
  expect(await arrived(fromHosts.length, '--request', id)).toEqual(fromHosts)
})

test('each line of the five services is an object, and says the level that logs.ts reads in it', async () => {
  const text = await onHost('db-1', `tail -q -n 500 ${folder}/*/*/*.jsonl`)
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Readonly<Record<string, string>>)
  expect([...new Set(lines.map(({ service }) => service))]).toEqual(
    expect.arrayContaining(['nginx', 'web', 'api', 'postgres', 'redis']),
  )
  for (const { cut, host, level, message, raw = '', service = '', time } of lines) {
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(host).toMatch(/^(edge|app|db)-\d$/)
    expect(message).not.toBe('')
    if (cut === undefined) expect(level, raw).toBe(formOf(service).read(raw).level)
  }
  const ready = lines.find(
    // Another test's database may have said so elsewhere.
    ({ host, raw, service }) =>
      host === 'db-1' && service === 'postgres' && raw?.includes('database system is ready'),
  )
  expect(ready).toMatchObject({
    host: 'db-1',
    container: 'postgres',
    level: 'info',
    message: 'database system is ready to accept connections',
  })
})

test('while the store is away what is said waits, and comes, though its container is gone by then', async () => {
  const word = `parting-${randomUUID()}`
  await onHost('db-1', `systemctl stop ${store.unit}`)
  try {
    const image = "$(docker ps -q --filter name=api- | head -n 1 | xargs docker inspect -f '{{.Image}}')"
    const says = `docker run --rm --name last-words --log-opt 'tag={{.Name}}' --entrypoint sh ${image} -c 'echo ${word}; sleep 1'`
    await onHost('app-1', says)
    const { stdout, code } = await inLab('logs', ['--from', 'store', '--grep', word])
    expect(code).toBe(0)
    expect(stdout).not.toContain(word)
  } finally {
    await onHost('db-1', `systemctl start ${store.unit}`)
  }
  expect(await arrived(1, '--grep', word)).toMatchObject([
    { host: 'app-1', container: 'last-words', message: word },
  ])
  expect(await told('--grep', word)).toEqual([])
})

test('only who has a certificate by the environment’s own authority gets a line in', async () => {
  const server = '10.213.77.31:2514'
  const time = new Date().toISOString()
  const line = (word: string) =>
    JSON.stringify({
      time,
      host: 'app-1',
      service: 'intruder',
      container: 'intruder',
      level: 'info',
      message: word,
      raw: word,
    })
  // A certificate that says the right name, by an authority of its own.
  await onHost(
    'app-1',
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=quayside-client \
  -addext subjectAltName=DNS:quayside-client -keyout /tmp/intruder.key -out /tmp/intruder.crt 2>/dev/null`,
  )
  const forged = { certificate: '/tmp/intruder.crt', key: '/tmp/intruder.key' }
  try {
    expect(await sayTo(server, 'app-1', line('without'))).not.toContain('200 OK')
    expect(await sayTo(server, 'app-1', line('forged'), forged)).not.toContain('200 OK')
    const proper = { certificate: collector.certificate, key: collector.key }
    expect(await sayTo(server, 'app-1', line('proper'), proper)).toContain('2 rsp 6 200 OK')
    const kept = await onHost('db-1', `cat ${folder}/app-1/intruder/*.jsonl`)
    expect(kept.trim().split('\n')).toEqual([line('proper')])
  } finally {
    await onHost('app-1', 'rm -f /tmp/intruder.*')
    await onHost('db-1', `rm -rf ${folder}/app-1/intruder; systemctl kill -s HUP ${store.unit}`)
  }
})

test('what is too old goes, then the oldest of what is too much, and what is left is written on', async () => {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  const old = `${folder}/db-1/old-service`
  // 3 days and 256 MB are what the lab's inventory says.
  await onHost(
    'db-1',
    `mkdir -p ${old} && echo x >${old}/${day(4)}.jsonl
head -c 150M /dev/zero >${old}/${day(2)}.jsonl
head -c 150M /dev/zero >${old}/${day(1)}.jsonl`,
  )
  try {
    const left = await onHost(
      'db-1',
      `systemctl start ${store.retentionUnit} && ls ${old} && du -sm ${folder}`,
    )
    expect(left).toMatch(new RegExp(`^${day(1)}\\.jsonl\\n(\\d+)\\t`))
    expect(Number(/(\d+)\t/.exec(left)?.[1])).toBeLessThanOrEqual(257)
  } finally {
    await onHost('db-1', `rm -rf ${old}`)
  }
  const id = `store-test-${randomUUID()}`
  expect(await askPage('/', id)).toBe(200)
  expect((await arrived(1, '--request', id)).length).toBeGreaterThan(0)
})
