import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { StepError } from '../../../lib/engine/error.ts'
import type { Event } from '../../../lib/engine/event.ts'
import { type Flags, parseFlags, playbookFlags } from '../../../lib/playbook/flags.ts'
import { reportFlags } from '../../../lib/playbook/report-flags.ts'
import { reportersOf } from '../../../lib/playbook/reporters.ts'
import { Secret } from '../../../lib/secret/index.ts'

const hidden = 'hunter2-swordfish'
new Secret(hidden)
const folder = mkdtempSync(join(tmpdir(), 'quayside-reports-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

/** A secret in every text of every event that a program on a host, or a resource's mistake, could put it into. */
const host = 'db-1'
const id = `line ${hidden} in /etc/x`
const events: readonly Event[] = [
  { type: 'run', playbook: 'site', env: 'lab', check: false },
  { type: 'play', hosts: 'db', on: [host], roles: ['redis'] },
  { type: 'note', text: `note ${hidden}`, host },
  { type: 'step', text: `step ${hidden}` },
  { type: 'applying', host, role: 'redis', id, summary: `set ${hidden}` },
  { type: 'output', host, id, stdout: `out ${hidden}\n`, stderr: JSON.stringify({ err: hidden }) },
  { type: 'retrying', host, id, attempt: 1, of: 2, why: `it said ${hidden}` },
  {
    type: 'resource',
    host,
    role: 'redis',
    id,
    outcome: 'changed',
    summary: `to ${hidden}`,
    diff: `-old ${hidden}\n+new ${Buffer.from(hidden).toString('base64')}`,
    ms: 5,
  },
  { type: 'mispredicted', host, id, predicted: hidden, actual: encodeURIComponent(hidden) },
  { type: 'handler', host, id: `restart ${hidden}`, outcome: 'changed', debt: false, ms: 1 },
  {
    type: 'host-failed',
    host,
    unreachable: false,
    id,
    error: new StepError(host, id, { code: 1, stderr: `psql: ${hidden}\n`, hint: `look at ${hidden}` }),
  },
  // An error that is none of ours, and does not look at its own message.
  {
    type: 'host-failed',
    host: 'db-2',
    unreachable: true,
    error: new Error(`raw ${hidden}`, { cause: hidden }),
  },
  { type: 'recap', tallies: [], ms: 10 },
]

test.each([[['-vvv', '--diff', '--profile']], [['--json', '-vvv', '--diff']]])(
  'no reporter shows a secret: %j, with --junit and --report',
  async (words) => {
    let out = ''
    const catchAll = (text: unknown) => {
      out += String(text)
      return true
    }
    vi.spyOn(process.stdout, 'write').mockImplementation(catchAll)
    vi.spyOn(process.stderr, 'write').mockImplementation(catchAll)
    const [junit, report] = [join(folder, 'junit.xml'), join(folder, 'run.html')]
    const flags: Flags = { ...playbookFlags, ...reportFlags }
    const args = parseFlags([...words, '--junit', junit, '--report', report], flags)
    const reporters = await reportersOf(args, {
      paint: (_style, text) => text,
      print: (line) => catchAll(`${line}\n`),
      signal: new AbortController().signal,
    })
    for (const event of events) reporters.emit(event)
    reporters.close()
    vi.restoreAllMocks()
    for (const text of [out, readFileSync(junit, 'utf8'), readFileSync(report, 'utf8')]) {
      expect(text).toContain('[secret]')
      for (const form of [hidden, 'hunter2', Buffer.from(hidden).toString('base64').slice(0, -4)])
        expect(text).not.toContain(form)
    }
  },
)

test('the live view shows no secret, in a frame or above it', async () => {
  let out = ''
  const tty = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY')
  vi.stubEnv('CI', '')
  vi.stubEnv('TERM', 'xterm')
  vi.spyOn(process.stdout, 'write').mockImplementation((text: unknown) => {
    out += String(text)
    return true
  })
  Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true })
  try {
    const args = parseFlags(['-vvv', '--diff'], { ...playbookFlags, ...reportFlags })
    const reporters = await reportersOf(args, {
      paint: (_style, text) => text,
      print: () => undefined,
      signal: new AbortController().signal,
    })
    const working = events.findIndex(({ type }) => type === 'applying')
    for (const event of events.slice(0, working + 1)) reporters.emit(event)
    await vi.waitFor(() => expect(out).toContain('line [secret] in /etc/x'), { timeout: 5000 })
    for (const event of events.slice(working + 1)) reporters.emit(event)
    reporters.print(`printed by the playbook: ${hidden}`)
    reporters.close()
  } finally {
    if (tty === undefined) Reflect.deleteProperty(process.stdout, 'isTTY')
    else Object.defineProperty(process.stdout, 'isTTY', tty)
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
  expect(out).toContain('\u001b[?25l')
  expect(out).toContain('printed by the playbook: [secret]')
  expect(out).not.toMatch(/hunter2|swordfish/)
})
