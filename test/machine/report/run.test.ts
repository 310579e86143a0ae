import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { argvOf, root } from '../../argv.ts'
import { Vt } from '../../unit/report/vt.ts'

vi.setConfig({ testTimeout: 60_000 })

// A playbook on this machine, as its user: what comes out of it, on a pipe and on a terminal.
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-report-'))
  mkdirSync(join(folder, 'inventory'))
  const host = (name: string, fails: boolean) =>
    `        ${name}: { connection: local, become: false, folder: '${folder}', fails: ${fails} }`
  const hosts = [host('first', false), host('second', true)].join('\n')
  writeFileSync(
    join(folder, 'inventory/hosts.yaml'),
    `all:\n  children:\n    demo:\n      hosts:\n${hosts}\n`,
  )
})
beforeEach(() => {
  for (const name of readdirSync(folder)) if (/^(done|run)/.test(name)) rmSync(join(folder, name))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const argv = (args: readonly string[]) =>
  argvOf(
    'test/machine/report/fixtures/demo.ts',
    '--env',
    'demo',
    '--inventory',
    join(folder, 'inventory'),
    ...args,
  )

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(words: readonly string[], stop?: { after: string; signal: NodeJS.Signals }): Promise<Ended> {
  const [command = '', ...rest] = words
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...env } = process.env
  const child = spawn(command, rest, {
    cwd: root,
    env: { ...env, TERM: 'xterm', XDG_STATE_HOME: join(folder, 'state') },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (stop !== undefined && stdout.includes(stop.after)) {
      if (command === 'script') child.stdin.write('\u0003')
      else child.kill(stop.signal)
      stop = undefined
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** On a real pty of a given size; what its screen shows at the end, as a terminal would have drawn it. */
async function onTerminal(
  args: readonly string[],
  columns: number,
  stop?: { after: string; signal: NodeJS.Signals },
) {
  const line = argv(args)
    .map((word) => `'${word}'`)
    .join(' ')
  const { code, stdout } = await run(
    ['script', '-qec', `stty cols ${columns} rows 20; ${line}`, '/dev/null'],
    stop,
  )
  const vt = new Vt(columns, 20)
  vt.write(stdout)
  return { code, stdout, vt }
}

const times = (text: string) => text.replace(/\d+\.\ds/g, 'N.Ns')

test('on a pipe: plain lines, and every report that was asked for, though the run failed', async () => {
  const files = { page: join(folder, 'run.html'), junit: join(folder, 'run.xml') }
  const flags = ['-vvv', '--profile', '--report', files.page, '--junit', files.junit]
  const { code, stdout } = await run(argv(flags))
  expect(code).toBe(1)
  expect(stdout).not.toContain('\u001b')
  expect(stdout).toContain('  first    applying command first step: run\n')
  expect(stdout).toContain('             │ printed\n')
  expect(times(stdout)).toContain('  first    changed  command first step: run  N.Ns\n')
  expect(stdout).toMatch(
    / {2}second {3}failed {3}command bad step: run: ended with code 3\n {13}<no> space\n/,
  )
  expect(stdout).toMatch(/ {2}slowest\n {4}1\.\ds {2}(first|second) +demo {2}command first step: run\n/)
  expect(stdout).toMatch(/ {2}first {4}0 {8}1 {9}0 {2}ok\n {2}second {3}0 {8}1 {9}0 {2}failed\n/)
  expect(stdout).toContain(`  report: ${files.page}\n`)
  expect(readFileSync(files.page, 'utf8')).toContain('1 of 2 hosts failed')
  expect(readFileSync(files.junit, 'utf8')).toContain('&lt;no&gt; space')
  expect(readdirSync(folder).filter((name) => name.startsWith('.run'))).toEqual([])
})

test('--json: events on standard output and nothing else, in order', async () => {
  const { code, stdout, stderr } = await run(argv(['--json', '--check']))
  expect([code, stderr]).toEqual([0, ''])
  const events: { type: string; host?: string }[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events[0]).toMatchObject({ v: 1, type: 'run', playbook: 'demo', env: 'demo', check: true })
  expect(events.filter(({ host }) => host === 'first').map(({ type }) => type)).toEqual([
    'connecting',
    'connected',
    'probed',
    'resource',
    'played',
  ])
  expect(events.at(-1)?.type).toBe('recap')
})

test('a report that cannot be written is refused before anything is done', async () => {
  for (const [flag, path, why] of [
    ['report', join(folder, 'nowhere/run.html'), 'ENOENT'],
    ['junit', folder, 'that is a directory'],
  ] as const) {
    const { code, stderr } = await run(argv([`--${flag}`, path]))
    expect(code).toBe(2)
    expect(stderr).toContain(`--${flag} ${path}`)
    expect(stderr).toContain(why)
  }
  expect(existsSync(join(folder, 'done-first'))).toBe(false)
})

test('stopped by a signal: the reports say so', async () => {
  const path = join(folder, 'run.html')
  const { code } = await run(argv(['-vv', '--report', path]), { after: 'applying', signal: 'SIGTERM' })
  expect(code).toBe(130)
  expect(readFileSync(path, 'utf8')).toContain('Interrupted: stopped before its end')
})

test.each([80, 34])(
  'in a terminal of %i columns: a live block while it runs, and only lines at the end',
  async (columns) => {
    const { code, stdout, vt } = await onTerminal([], columns)
    expect(code).toBe(1)
    expect(stdout).toContain('\u001b[?25l')
    expect(stdout).toMatch(/command first( step: run|…)/)
    expect(vt.cursorShown).toBe(true)
    expect(vt.text).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u)
    expect(vt.text.replaceAll('\n', '')).toContain(
      'second   failed   command bad step: run: ended with code 3',
    )
    expect(vt.text).toMatch(/ {2}second {3}0 {8}1 {9}0 {2}f/)
  },
)

test('Ctrl-C in a terminal: the block is gone, the cursor is back, and what was done is told', async () => {
  const { code, vt } = await onTerminal([], 80, { after: 'command first step', signal: 'SIGINT' })
  expect(code).toBe(130)
  expect(vt.cursorShown).toBe(true)
  expect(vt.text).toContain('interrupted: stopping after what runs now')
  expect(vt.text).toMatch(/host {4}ok {2}changed {2}handlers {2}state/)
  expect(vt.text).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u)
})

test('--no-live in a terminal: lines alone', async () => {
  const { stdout } = await onTerminal(['--no-live', '--check'], 80)
  expect(stdout).not.toContain('\u001b[?25l')
})
