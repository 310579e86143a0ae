import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Connection } from '../../../lib/connection/connection.ts'
import { ConnectionError, InterruptedError, TimeoutError } from '../../../lib/connection/error.ts'
import { openLocal } from '../../../lib/connection/local.ts'
import { feed, lines, raw, Script, sh } from '../../../lib/script/index.ts'
import { Secret } from '../../../lib/secret/index.ts'
import { targetLike } from '../../target.ts'
import { alive, shells, temporaryFolder } from './shells.ts'

const folder = temporaryFolder()
afterAll(folder.remove)

describe.each(shells(folder.path))('a persistent shell ($name)', ({ program }) => {
  let shell: Connection
  beforeEach(async () => {
    shell = await openLocal(targetLike(), { program })
  })
  afterEach(() => shell.close())

  test('gives both streams and the code', async () => {
    const result = await shell.run(sh`echo out; echo err >&2; exit 3`)
    expect(result).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 3 })
  })

  test('output without a newline at its end stays as it is', async () => {
    expect(await shell.run(sh`printf a; printf b >&2`)).toEqual({ stdout: 'a', stderr: 'b', code: 0 })
  })

  test('an empty script is done', async () => {
    expect(await shell.run(raw(''))).toEqual({ stdout: '', stderr: '', code: 0 })
  })

  test('a syntax error is a result, and the next script runs', async () => {
    const broken = await shell.run(raw('echo before\nif then fi\n'))
    expect(broken.code).not.toBe(0)
    expect(broken.stderr).toMatch(/syntax error/i)
    expect((await shell.run(sh`echo after`)).stdout).toBe('after\n')
  })

  test.each(["echo 'open", 'echo "open', 'cat <<EOF\nnever closed', 'echo \\', '(', 'echo $('])(
    'an unfinished script stays inside its own shell: %j',
    async (text) => {
      await shell.run(raw(text))
      expect(await shell.run(sh`echo after`)).toEqual({ stdout: 'after\n', stderr: '', code: 0 })
    },
  )

  test('nothing of a script outlives it: variables, folder, options, umask', async () => {
    await shell.run(sh`x=1; cd /tmp; set -eu; umask 000; f() { :; }; exec >/dev/null`)
    const { stdout } = await shell.run(sh`echo "[$x]"; pwd; umask; command -v f`)
    expect(stdout.split('\n').slice(0, 1)).toEqual(['[]'])
    expect(stdout).toMatch(/^0?022$/m)
    expect(stdout).not.toContain('/tmp\n')
  })

  test('a script that reads its standard input finds it empty', async () => {
    expect((await shell.run(sh`cat; read -r line || echo none; echo end`)).stdout).toBe('none\nend\n')
  })

  test('megabytes come back whole on both streams', async () => {
    const result = await shell.run(
      sh`head -c 3000000 /dev/zero | tr '\\0' x | tee /proc/self/fd/2 2>/dev/null || true`,
    )
    expect(result.stdout.length).toBe(3_000_000)
    const errors = await shell.run(sh`head -c 3000000 /dev/zero | tr '\\0' y >&2`)
    expect(errors.stderr.length).toBe(3_000_000)
  })

  test('NUL and UTF-8 survive, however the chunks fall', async () => {
    const text = 'ä€😀\0'.repeat(50_000)
    const { stdout } = await shell.run(sh`base64 -d${feed(text)}`)
    expect(stdout === text).toBe(true)
    const slowly = await shell.run(sh`printf '\\342'; sleep 0.05; printf '\\202'; sleep 0.05; printf '\\254'`)
    expect(slowly.stdout).toBe('€')
  })

  test('every byte of a script arrives: UTF-8, control characters, quotes', async () => {
    const codes = Array.from({ length: 0x2ff }, (_, index) => String.fromCodePoint(index + 1)).join('')
    const { stdout } = await shell.run(sh`printf %s ${codes}`)
    expect(stdout).toBe(codes)
  })

  test('here-documents of any size reach their command', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 255))
    const back = await shell.run(
      lines(sh`d=$(mktemp)`, sh`base64 -d > "$d"${feed(bytes)}`, sh`base64 "$d"; rm "$d"`),
    )
    expect(Buffer.from(back.stdout, 'base64').equals(bytes)).toBe(true)
  })

  // bash reads a pipe byte by byte: megabytes take it seconds.
  test('a script of many megabytes runs', async () => {
    const content = Buffer.alloc(program.includes('bash-') ? 300_000 : 5_000_000, 1)
    const { stdout } = await shell.run(lines(sh`cat${feed(content)}`, sh`echo end`))
    expect(stdout.endsWith('\nend\n')).toBe(true)
    expect(Buffer.from(stdout.slice(0, -4), 'base64').equals(content)).toBe(true)
  }, 60_000)

  test('a script that exits before its end is read leaves nothing hanging', async () => {
    const text = `exit 7\n${'# padding\n'.repeat(20_000)}`
    expect((await shell.run(raw(text))).code).toBe(7)
    expect((await shell.run(sh`echo after`)).stdout).toBe('after\n')
  })

  test('a background child that holds the output open does not hang the result', async () => {
    const started = performance.now()
    const { stdout } = await shell.run(sh`sleep 5 & echo $!`)
    expect(performance.now() - started).toBeLessThan(2000)
    await shell.run(sh`kill ${stdout.trim()}`)
  })

  test('what a background child prints later is no output of the next script', async () => {
    await shell.run(sh`(sleep 0.1; echo stray; echo stray >&2) &`)
    await sleep(300)
    expect(await shell.run(sh`echo mine`)).toEqual({ stdout: 'mine\n', stderr: '', code: 0 })
  })

  test('scripts take turns, and each is one trip', async () => {
    expect(shell.trips).toBe(0)
    const results = await Promise.all([1, 2, 3].map((n) => shell.run(sh`sleep 0.02; echo ${n}`)))
    expect(results.map((result) => result.stdout)).toEqual(['1\n', '2\n', '3\n'])
    expect(shell.trips).toBe(3)
  })

  test('a script has no descriptor of ours open', async () => {
    const { stdout } = await shell.run(sh`if [ -e /proc/self/fd/3 ]; then sh -c 'ls -l /proc/$$/fd'; fi`)
    expect(stdout).not.toMatch(/ 3 -> pipe/)
  })

  test('too late: the script and its children are killed, and the connection is of no more use', async () => {
    const pids = `${folder.path}/pids-${process.pid}`
    const script = sh`echo $$ > ${pids}; sh -c 'echo $$ >> ${raw(pids)}; sleep 60; :'; :`
    const failure = await shell.run(script, { timeoutSeconds: 0.5 }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TimeoutError)
    expect(String(failure)).toContain('here: no end after 0.5 s of running "echo $$')
    const running = readFileSync(pids, 'utf8').trim().split('\n').filter(alive)
    expect(running).toEqual([])
    await expect(shell.run(sh`true`)).rejects.toBe(failure)
  })

  test("a script that says nothing of its time has the target's", async () => {
    const impatient = await openLocal(targetLike({ commandTimeoutSeconds: 0.3 }), { program })
    expect((await impatient.run(sh`sleep 0.6`, { timeoutSeconds: 5 })).code).toBe(0)
    const failure = await impatient.run(sh`sleep 60`).catch((error: unknown) => error)
    expect(String(failure)).toContain('here: no end after 0.3 s of running "sleep 60"')
  })

  test('an abort kills what runs', async () => {
    const control = new AbortController()
    setTimeout(() => control.abort(), 100)
    const failure = await shell.run(sh`sleep 60`, { signal: control.signal }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(InterruptedError)
  })

  test('an abort before the script starts does the connection no harm', async () => {
    await expect(shell.run(sh`true`, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      InterruptedError,
    )
    expect((await shell.run(sh`echo still here`)).stdout).toBe('still here\n')
  })

  test('a shell that dies in the middle is a lost connection, in words without secrets', async () => {
    const script = new Script(['kill -9 $PPID; cat ', new Secret('hunter2')])
    const failure = await shell.run(script).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConnectionError)
    expect(String(failure)).toContain('lost the connection while running "kill -9 $PPID; cat [secret]"')
    expect(JSON.stringify(failure) + String(failure)).not.toContain('hunter2')
    await expect(shell.run(sh`true`)).rejects.toBe(failure)
  })

  test('a shell that died while nothing ran is found out by the next script', async () => {
    await shell.run(sh`(sleep 0.1; kill -9 $PPID) &`).catch(() => {})
    await sleep(600)
    await expect(shell.run(sh`true`)).rejects.toMatchObject({ reason: 'lost' })
  })

  test('after close() nothing runs', async () => {
    await shell.close()
    await expect(shell.run(sh`true`)).rejects.toMatchObject({ reason: 'closed' })
  })

  test('close() in the middle of a script ends it', async () => {
    const running = shell.run(sh`sleep 60`)
    await sleep(100)
    await Promise.all([shell.close(), expect(running).rejects.toMatchObject({ reason: 'closed' })])
  })

  test('a secret in a script is in no argument and no environment while it runs', async () => {
    const secret = new Secret('correct-horse-battery')
    const look = raw(`cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '`)
    const { stdout } = await shell.run(lines(sh`base64 -d > /dev/null${feed(secret)}`, look))
    expect(stdout).toContain('/dev/fd/3')
    expect(stdout).not.toContain('correct-horse')
    expect(stdout).not.toContain(Buffer.from('correct-horse').toString('base64').slice(0, 12))
  })
})
