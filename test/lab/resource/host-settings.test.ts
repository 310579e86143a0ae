import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../../lib/connection/connection.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import {
  absentFile,
  assertThat,
  Conflict,
  fetchFile,
  hostname,
  journald,
  localTree,
  syncDirectory,
  timezone,
  waitForFile,
  waitForHttp,
  waitForPort,
} from '../../../lib/resource/index.ts'
import { raw, sh } from '../../../lib/script/index.ts'
import { converge, look } from '../converge.ts'
import { labTarget } from '../lab-host.ts'
import { live, run } from '../resource-life.ts'

const place = '/srv/quayside-tree'
const journal = '/etc/systemd/journald.conf.d/60-quayside.conf'
let host: Connection
let here = ''
let before: { hosts: string; zone: string } | undefined

beforeAll(async () => {
  host = await openConnection(labTarget('app-2'))
  here = await mkdtemp(join(tmpdir(), 'quayside-settings-'))
  before = {
    hosts: await run(host, sh`cat /etc/hosts`),
    zone: (await run(host, sh`readlink /etc/localtime`)).trim(),
  }
})

afterAll(async () => {
  await host.run(
    raw(`rm -rf ${place} /run/quayside-late /etc/timezone
[ ! -e ${journal} ] || { rm ${journal}; systemctl restart systemd-journald; }
rmdir /etc/systemd/journald.conf.d /run/quayside 2>/dev/null
echo app-2 >/etc/hostname; echo app-2 >/proc/sys/kernel/hostname`),
  )
  if (before !== undefined)
    await host.run(sh`printf %s ${before.hosts} >/etc/hosts; ln -sfn ${before.zone} /etc/localtime`)
  await host.close()
  await rm(here, { recursive: true })
})

test('a hostname', async () => {
  const renamed = hostname('quayside-app.example.org')
  await live(host, {
    wish: renamed,
    drift: sh`echo other >/etc/hostname; h=$(grep -vF 127.0.1.1 /etc/hosts); printf '%s\\n' "$h" >/etc/hosts`,
  })
  // The host's shell answers by the new name, and sudo finds it.
  expect(await run(host, sh`uname -n; getent hosts quayside-app.example.org; cat /etc/hostname`)).toMatch(
    /^quayside-app\.example\.org\n127\.0\.1\.1 +quayside-app\.example\.org quayside-app\nquayside-app\.example\.org\n$/,
  )
  await converge(host, hostname('app-2'))
  expect(await run(host, sh`uname -n; cat /etc/hosts`)).toBe(`app-2\n${before?.hosts}`)
  expect((await look(host, renamed)).kind).toBe('change')
})

test('a time zone', async () => {
  await live(host, {
    wish: timezone('Europe/Berlin'),
    drift: sh`rm /etc/localtime; cp /usr/share/zoneinfo/Asia/Tokyo /etc/localtime; echo Asia/Tokyo >/etc/timezone`,
    other: timezone('America/Argentina/Ushuaia'),
  })
  expect(await run(host, sh`date +%Z; cat /etc/timezone; timedatectl show -p Timezone --value`)).toBe(
    '-03\nAmerica/Argentina/Ushuaia\nAmerica/Argentina/Ushuaia\n',
  )
  expect(await look(host, timezone('Europe/Berlln'))).toMatchObject({
    kind: 'unknown',
    reason: expect.stringContaining('this host has no time zone Europe/Berlln'),
  })
})

test('settings of the journal, which a restart brings into force', async () => {
  const started = sh`systemctl show -p ExecMainStartTimestampMonotonic --value systemd-journald`
  const first = await run(host, started)
  await live(host, {
    wish: journald({ SystemMaxUse: '64M', MaxRetentionSec: '1month', ForwardToSyslog: false }),
    drift: sh`echo '[Journal]' >${journal}`,
    other: journald({ SystemMaxUse: '32M' }),
  })
  expect(await run(host, started)).not.toBe(first)
  expect(await run(host, sh`systemd-analyze cat-config systemd/journald.conf`)).toContain('SystemMaxUse=32M')
  await run(host, sh`mkdir -p /run/quayside; : >/run/quayside/journald`)
  expect((await converge(host, journald({ SystemMaxUse: '32M' }))).summary).toBe(
    'restart, which an earlier run still owes',
  )
  await converge(host, absentFile(journal))
})

test('waiting, from the host itself', async () => {
  const registry = 'http://registry.lab:5000'
  const unchanged = { kind: 'unchanged' }
  expect(await look(host, waitForPort({ host: 'registry.lab', port: 5000 }))).toEqual(unchanged)
  expect(await look(host, waitForPort({ port: 5999, state: 'closed' }))).toEqual(unchanged)
  expect(await look(host, waitForHttp({ url: `${registry}/v2/`, bodyMatches: '^\\{\\}$' }))).toEqual(
    unchanged,
  )
  expect(await look(host, waitForHttp({ url: `${registry}/nonsense`, status: 404 }))).toEqual(unchanged)
  expect(await look(host, waitForHttp({ url: `${registry}/v2/`, bodyMatches: 'down' }))).toMatchObject({
    summary: expect.stringContaining('(now: HTTP 200 without a line that matches, but: {})'),
  })
  expect(await look(host, waitForHttp({ url: 'https://edge-1/' }))).toMatchObject({
    summary: expect.stringContaining('certificate'),
  })
  expect(await look(host, waitForHttp({ url: 'https://edge-1/', insecure: true }))).toEqual(unchanged)

  const late = waitForFile('/run/quayside-late', { matches: 'ready', timeoutSeconds: 30 })
  await run(host, sh`(sleep 2; echo ready >/run/quayside-late) >/dev/null 2>&1 &`)
  await converge(host, late)
  const never = waitForPort({ port: 5999, timeoutSeconds: 1 })
  await expect(converge(host, never)).rejects.toThrow(
    /waited 1 s until 127\.0\.0\.1:5999 is open, tried \d times; the last time: closed: Connection refused/,
  )
})

test('an assertion', async () => {
  const debian = assertThat('debian', { that: sh`grep -qx ID=debian /etc/os-release`, message: 'no Debian' })
  expect(await look(host, debian)).toEqual({ kind: 'unchanged' })
  const disk = assertThat('a disk', { that: sh`[ -b /dev/quayside ]`, message: 'no second disk' })
  await expect(look(host, disk)).rejects.toThrow(Conflict)
})

test('a file of root’s alone is fetched, and stays one', async () => {
  const target = join(here, 'app-2', 'shadow')
  await converge(host, fetchFile('/etc/shadow', target))
  expect(await readFile(target, 'utf8')).toBe(await run(host, sh`cat /etc/shadow`))
  expect((await stat(target)).mode & 0o777).toBe(0o600)
  expect(await look(host, fetchFile('/etc/shadow', target))).toEqual({ kind: 'unchanged' })
})

test('a directory is synced for another user, and mended', async () => {
  const folder = join(here, 'tree')
  await mkdir(join(folder, 'css/deep'), { recursive: true })
  await writeFile(join(folder, 'index.html'), '<p>one</p>\n')
  await writeFile(join(folder, 'css/deep/ä b.css'), Buffer.alloc(2_000_000, 'body { margin: 0 }\n'))
  await symlink('index.html', join(folder, 'home'))
  const accounts = { owner: 'www-data', group: 'nogroup' }
  const tree = localTree(folder, { exclude: ['*.map'] })
  const wish = syncDirectory(place, { from: tree, delete: true, ...accounts })
  await live(host, {
    wish,
    drift: sh`cd ${place}; echo x >index.html; chown -h root home; chmod 600 css/deep/*; touch more more.map; rm -r css/deep; ln -s /etc css/deep`,
    other: syncDirectory(place, {
      from: tree,
      delete: true,
      ...accounts,
      fileMode: 0o640,
      directoryMode: 0o2750,
    }),
  })
  expect(await run(host, sh`cd ${place}; find . -mindepth 1 -printf '%y %m %u %g %p %l\n' | sort`)).toBe(
    [
      'd 2750 www-data nogroup ./css ',
      'd 2750 www-data nogroup ./css/deep ',
      'f 640 www-data nogroup ./css/deep/ä b.css ',
      'f 640 www-data nogroup ./index.html ',
      'f 644 root root ./more.map ',
      'l 777 www-data nogroup ./home index.html',
      '',
    ].join('\n'),
  )
  expect(await run(host, sh`ls -d /etc/passwd`)).toBe('/etc/passwd\n')
})
