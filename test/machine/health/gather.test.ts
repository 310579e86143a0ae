import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fleet } from '../../../lib/engine/fleet.ts'
import { examine } from '../../../lib/health/examine.ts'
import { type Answer, gather } from '../../../lib/health/gather.ts'
import { type Check, lockCheck } from '../../../lib/health/index.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { raw, type Script, sh } from '../../../lib/script/index.ts'
import { targetLike } from '../../target.ts'

function answersOf(...scripts: readonly Script[]): readonly Answer[] {
  const { script, read } = gather(scripts, { usual: 5, busy: 5 })
  return read(execFileSync('sh', { input: script.reveal(), encoding: 'utf8', timeout: 30_000 }))
}

const hostCalled = (name: string): Host => ({
  name,
  groups: ['all'],
  privateAddress: '127.0.0.1',
  target: targetLike(),
  vars: {},
})

describe('scripts that run side by side', () => {
  let answers: readonly Answer[]
  let ms: number
  const folder = mkdtempSync(join(tmpdir(), 'quayside-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  beforeAll(() => {
    const started = performance.now()
    answers = answersOf(
      sh`printf 'one\n\ntwo'; echo why >&2; exit 3`,
      sh`sleep 60; echo late > ${join(folder, 'late')}`,
      sh`trap '' TERM; while :; do sleep 1; done`,
      sh`echo it is "'quoted'"; cat`,
      raw('this is no ( program'),
      raw('exit 137'),
    )
    ms = performance.now() - started
  })

  test('each is answered with all that it said, in order', () => {
    expect(answers[0]).toMatchObject({ code: 3, stdout: 'one\n\ntwo', stderr: 'why\n', cut: false })
    expect(answers[3]).toMatchObject({ code: 0, stdout: "it is 'quoted'\n", stderr: '', cut: false })
    expect(answers[4]).toMatchObject({ code: 2, cut: false })
  })

  test('one that hangs is cut off, and so is one that does not heed that', () => {
    expect(answers.map(({ cut }) => cut)).toEqual([false, true, true, false, false, false])
    expect(answers[1]?.ms).toBeGreaterThanOrEqual(4900)
    expect(ms).toBeLessThan(15_000)
    expect(existsSync(join(folder, 'late'))).toBe(false)
  })

  test('nothing is left of them', () => {
    expect(
      execFileSync('sh', ['-c', 'ls -d /run/quayside-health-* 2>/dev/null; :'], { encoding: 'utf8' }),
    ).toBe('')
  })
})

test('those that cannot even be killed are left behind, and whoever waits for a place of theirs is asked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-'))
  const never = join(folder, 'timeout')
  // As where what timeout waits for hangs in the kernel.
  writeFileSync(never, '#!/bin/sh\ncase "$*" in *stuck*) exec sleep 20 ;; esac\nshift 3\nexec "$@"\n', {
    mode: 0o755,
  })
  const { script, read } = gather([...Array(4).fill(sh`echo stuck`), sh`echo well`], { usual: 1, busy: 1 })
  try {
    const started = performance.now()
    const said = execFileSync('sh', {
      input: script.reveal(),
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    })
    expect(performance.now() - started).toBeLessThan(15_000)
    const answers = read(said)
    expect(answers.map(({ cut }) => cut)).toEqual([true, true, true, true, false])
    expect(answers[4]).toMatchObject({ code: 0, stdout: 'well\n' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 30_000)

test('who is cut off is asked once more, and nobody else is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-'))
  const file = (name: string) => join(folder, name)
  const host = hostCalled('here')
  const check = (what: string, script: Script): Check => ({
    host,
    service: 'app',
    layer: 'query',
    what,
    script,
    judge: ({ stdout }) => [{ verdict: 'ok', seen: `${what}: ${stdout.trim()}` }],
  })
  const session = async () => ({
    ask: async (script: Script) => ({
      code: 0,
      stderr: '',
      stdout: execFileSync('sh', { input: script.reveal(), encoding: 'utf8' }),
    }),
  })
  try {
    const { findings } = await examine({ session } as unknown as Fleet, [
      check('quick', sh`echo asked >>${file('quick')}; grep -c . ${file('quick')}`),
      check(
        'slow',
        sh`echo asked >>${file('slow')}; [ "$(grep -c . ${file('slow')})" -gt 1 ] || sleep 60; echo there`,
      ),
      check('stuck', sh`sleep 60`),
    ])
    expect(findings.map(({ verdict, seen }) => `${verdict} ${seen}`)).toEqual([
      'ok quick: 1',
      'ok slow: there',
      // as this machine is busy or is not
      expect.stringMatching(/^failed stuck: no answer within (5|15) s: cut off$/),
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 40_000)

test('who holds a lock is told only while it is held', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-'))
  const lock = join(folder, 'lock')
  const host = hostCalled('here')
  const { script, judge } = lockCheck(host, 'backup', lock)
  const seen = (before: string) =>
    answersOf(raw(`${before}\n${script.reveal()}`)).flatMap((answer) =>
      judge(answer).map((each) => each.seen),
    )
  try {
    expect(seen('')).toEqual(['no lock is held'])
    writeFileSync(lock, 'anna@laptop runs backup\n')
    // As lib/engine/lock.ts holds it: a process that has the file open as 9.
    expect(seen(`exec 9>>'${lock}'; sleep 3 & echo $! > '${lock}.pid'`)).toEqual([
      'locked: anna@laptop runs backup',
    ])
    // A process of the same number that is another's.
    writeFileSync(`${lock}.pid`, `${process.pid}\n`)
    expect(seen('')).toEqual(['no lock is held'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
