import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { quote } from '../../../lib/script/script.ts'
import { root } from '../../argv.ts'

const program = `${root}roles/schedule/run-job.sh`
let folder = ''
let server: Server
let pings: string[] = []
let answer = 200

beforeAll(async () => {
  server = createServer((request, response) => {
    pings.push(request.url ?? '')
    response.writeHead(answer).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-run-job-'))
  for (const name of ['project', 'metrics']) mkdirSync(join(folder, name))
  pings = []
  answer = 200
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
const read = (name: string) => readFileSync(at(name), 'utf8')
const here = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** What `work` does, and settings other than a plain job's. */
function configured(work: string, settings: Readonly<Record<string, string>> = {}): string {
  const all = {
    env: 'lab',
    job: 'backup',
    project: at('project'),
    path: '/usr/bin:/bin',
    environment: '',
    state: at('state'),
    metrics: at('metrics'),
    log: '',
    gap: '3600',
    settle: '0',
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}=${quote(value)}`)
  writeFileSync(at('job.conf'), [...lines, `work() { ${work}; }`, ''].join('\n'))
  return at('job.conf')
}

interface Ended {
  readonly code: number | null
  readonly output: string
}

function start(conf: string, ...words: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn('/bin/sh', [program, conf, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, output }))) }
}

const run = (conf: string, ...words: string[]) => start(conf, ...words).ended

/** What stands in the metrics, by name; throws where a line is not one of the text format's. */
function measured(): Record<string, number> {
  const values: Record<string, number> = {}
  for (const line of read('metrics/quayside_job_lab-backup.prom').trimEnd().split('\n')) {
    if (/^# (HELP|TYPE) quayside_job_[a-z_]+ .+$/.test(line)) continue
    const [, name, value] = /^quayside_job_([a-z_]+)\{env="lab",job="backup"\} (\d+)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`no line of metrics: ${line}`)
    values[name] = Number(value)
  }
  return values
}

/** Waits until a file is there. */
async function appears(name: string): Promise<void> {
  for (let left = 400; !existsSync(at(name)); left -= 1) {
    if (left === 0) throw new Error(`${name} never came`)
    await sleep(25)
  }
}

test('a job runs in the project with the PATH it was given, and is told of as well', async () => {
  const { code, output } = await run(configured('pwd; echo "$PATH $QUAYSIDE_METRICS_DIR"; echo aside >&2'))
  expect(code).toBe(0)
  expect(output.replace(/^\S+Z /gm, 'TIME ').replace(/\d+ s$/m, 'N s')).toBe(
    [
      'TIME lab-backup: begins',
      at('project'),
      `/usr/bin:/bin ${at('metrics')}`,
      'aside',
      'TIME lab-backup: done after N s',
      '',
    ].join('\n'),
  )
  expect(measured()).toMatchObject({ exit_code: 0, runs_total: 1, failures_total: 0 })
  expect(measured().succeeded_timestamp_seconds).toBe(measured().ended_timestamp_seconds)
  expect(statSync(at('metrics/quayside_job_lab-backup.prom')).mode & 0o777).toBe(0o644)
  expect(readdirSync(at('metrics'))).toEqual(['quayside_job_lab-backup.prom'])
})

test('how it fails is how this ends, and the last time that went well is kept', async () => {
  expect((await run(configured('exit 3'))).code).toBe(3)
  expect(measured()).not.toHaveProperty('succeeded_timestamp_seconds')
  await run(configured('true'))
  const well = measured().succeeded_timestamp_seconds
  const { code, output } = await run(configured('exit 4'))
  expect(code).toBe(4)
  expect(output).toContain('failed with code 4')
  expect(measured()).toMatchObject({
    exit_code: 4,
    runs_total: 3,
    failures_total: 2,
    succeeded_timestamp_seconds: well,
  })
})

test.each([
  ['a project that is not there', { project: '/nowhere/at/all' }, /nowhere/],
  ['a job that is not there', {}, /not found/],
])('%s is a failure like another, and counted', async (_, settings, says) => {
  const { code, output } = await run(configured('exec ./none', settings))
  expect(code).not.toBe(0)
  expect(output).toMatch(says)
  expect(measured().failures_total).toBe(1)
})

test('one at a time: another is left out, and says so, as long as the first or what it started lives', async () => {
  const conf = configured('touch running; while [ ! -e go ]; do sleep 0.05; done')
  const first = start(conf)
  await appears('project/running')
  expect(measured()).toEqual({
    started_timestamp_seconds: expect.any(Number),
    duration_seconds: 0,
    exit_code: 0,
    runs_total: 0,
    failures_total: 0,
  })
  const second = await run(conf)
  expect(second).toEqual({ code: 75, output: expect.stringContaining('its last run still goes on') })
  first.child.kill('SIGKILL') // of the job itself nobody has told it to end
  await once(first.child, 'exit')
  expect((await run(conf)).code).toBe(75)
  writeFileSync(at('project/go'), '')
  let code: number | null = 75
  for (let left = 100; code === 75 && left > 0; left -= 1) ({ code } = await run(conf))
  expect(code).toBe(0)
  expect(measured().runs_total).toBe(1)
})

test('told to end, it tells the job, waits for it, and reports what became of it', async () => {
  const conf = configured(
    `exec sh -c 'trap "echo tidying; exit 9" TERM; touch running; while :; do sleep 0.05; done'`,
  )
  const { child, ended } = start(conf)
  await appears('project/running')
  child.kill('SIGTERM')
  expect(await ended).toEqual({ code: 9, output: expect.stringMatching(/tidying\n.*failed with code 9/) })
  expect(measured()).toMatchObject({ exit_code: 9, failures_total: 1 })
})

const environment = (text: string) => {
  writeFileSync(at('job.env'), text, { mode: 0o600 })
  return { environment: at('job.env') }
}

test("secrets reach the job by its environment, the ping's URL does not, and neither is in any argv", async () => {
  const settings = environment(
    `AGE=${quote("it's $HOME")}\nQUAYSIDE_PING_URL=${quote(`${here()}/p/{job}`)}\n`,
  )
  const { output } = await run(
    configured('echo "[$AGE] [${QUAYSIDE_PING_URL-none}]"; cat /proc/$PPID/cmdline', settings),
  )
  expect(output).toContain("[it's $HOME] [none]")
  expect(output).not.toContain('/p/')
  expect(pings).toEqual(['/p/backup'])
})

test('curl is given the URL on its standard input', async () => {
  mkdirSync(at('bin'))
  const curl = `#!/bin/sh\nprintf '%s ' "$@" >${at('argv')}\ncat >${at('stdin')}\n`
  writeFileSync(at('bin/curl'), curl, { mode: 0o755 })
  const url = 'https://ping.example.com/key'
  await run(
    configured('true', {
      ...environment(`QUAYSIDE_PING_URL=${url}\n`),
      path: `${at('bin')}:/usr/bin:/bin`,
    }),
  )
  expect(read('argv')).toMatch(/-K - $/)
  expect(read('argv')).not.toContain('ping.example.com')
  expect(read('stdin')).toBe(`url = "${url}"\n`)
})

test('a failure is pinged as one', async () => {
  await run(configured('exit 1', environment(`QUAYSIDE_PING_URL=${here()}/p\n`)))
  expect(pings).toEqual(['/p/fail'])
})

test('a ping that nobody takes is told, and no failure of the job', async () => {
  answer = 404
  const { code, output } = await run(configured('true', environment(`QUAYSIDE_PING_URL=${here()}/secret\n`)))
  expect(code).toBe(0)
  expect(output).toContain('the ping did not get through')
  expect(output).not.toContain('/secret')
})

test('an environment that cannot be read is no reason to run without it', async () => {
  const { code, output } = await run(configured('touch ran', { environment: at('none.env') }))
  expect([code, existsSync(at('project/ran'))]).toEqual([78, false])
  expect(output).toContain(`cannot read ${at('none.env')}`)
})

test('with a log, all goes there and nothing to cron, which would mail it', async () => {
  const conf = configured('echo out; echo aside >&2', { log: at('job.log') })
  expect((await run(conf)).output).toBe('')
  await run(conf)
  expect(read('job.log').match(/^out\naside$/gm)).toHaveLength(2)
})

test('metrics that cannot be written are told, and the job counts all the same', async () => {
  const { code, output } = await run(configured('true', { metrics: at('none') }))
  expect(code).toBe(0)
  expect(output).toContain(`cannot write ${at('none')}/quayside_job_lab-backup.prom`)
  expect(read('state/lab-backup.last')).toContain('runs=1')
})

test('a missed run is caught up after a boot; what never ran, or ran lately, is not', async () => {
  const conf = configured('echo ran >>count')
  expect(await run(conf, 'missed')).toEqual({ code: 0, output: '' })
  expect(existsSync(at('project/count'))).toBe(false)
  await run(conf)
  await run(conf, 'missed')
  expect(read('project/count')).toBe('ran\n')
  const ago = Math.floor(Date.now() / 1000) - 3601
  writeFileSync(at('state/lab-backup.last'), `started=${ago}\nended=${ago}\ncode=0\nruns=7\nfailures=2\n`)
  expect((await run(conf, 'missed')).output).toContain('a run was missed: now')
  expect(read('project/count')).toBe('ran\nran\n')
  expect(measured()).toMatchObject({ runs_total: 8, failures_total: 2 })
})

test('what is remembered is read as numbers, never as shell', async () => {
  mkdirSync(at('state'))
  writeFileSync(
    at('state/lab-backup.last'),
    'runs=$(touch hacked)\nfailures=5\nPATH=/nowhere\ncode=;touch hacked\n',
  )
  const { code } = await run(configured('true'))
  expect(code).toBe(0)
  expect(measured()).toMatchObject({ runs_total: 1, failures_total: 5 })
  expect(readdirSync(folder).concat(readdirSync(at('project')))).not.toContain('hacked')
})

test('a job that is not set up is refused', async () => {
  expect(await run(at('none.conf'))).toEqual({
    code: 78,
    output: `run-job: cannot read ${at('none.conf')}\n`,
  })
})
