import { execFileSync, spawnSync } from 'node:child_process'
import {
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
import { afterAll, describe, expect, test } from 'vitest'
import { packed, unpacked } from '../../../lib/backup/postgres/packed.ts'
import { type Script, sh } from '../../../lib/script/index.ts'

const hasZstd = spawnSync('zstd', ['--version']).error === undefined
const folder = mkdtempSync(join(tmpdir(), 'quayside-packed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A folder for PATH that has these programs alone. */
function programs(name: string, ...names: readonly string[]): string {
  const path = join(folder, name)
  mkdirSync(path)
  for (const each of names) {
    const [at = ''] = execFileSync('which', [each], { encoding: 'utf8' }).split('\n')
    symlinkSync(at, join(path, each))
  }
  return path
}

const common = ['sh', 'env', 'nice', 'seq', 'cat']

describe.skipIf(!hasZstd).each([
  ['zstd in the container alone', { inside: ['zstd'], outside: [], pid: '' }],
  ['zstd on the host alone', { inside: [], outside: ['zstd'], pid: '' }],
  [
    'zstd in the container alone, by a pipe',
    { inside: ['zstd', 'mkfifo', 'rm'], outside: ['mktemp'], pid: 'self' },
  ],
  [
    'zstd on the host alone, by a pipe',
    { inside: ['mkfifo', 'rm'], outside: ['zstd', 'mktemp'], pid: 'self' },
  ],
  ['a pipe that cannot be reached', { inside: ['zstd', 'mkfifo', 'rm'], outside: ['mktemp'], pid: 'none' }],
  ['a container without mkfifo', { inside: ['zstd'], outside: ['mktemp'], pid: 'self' }],
])('%s', (name, { inside, outside, pid }) => {
  const container = programs(`${name} (container)`, ...common, ...inside)
  const host = programs(name, ...common, ...outside)
  const execs = join(folder, `${name}.execs`)
  const byPipe = inside.includes('mkfifo') && pid === 'self'
  // Stands in for docker: what runs "in a container" runs here, with the programs that the container has.
  writeFileSync(
    join(host, 'docker'),
    `#!/bin/sh
case $1 in inspect) echo '${pid}'; exit ;; esac
echo "$*" >>'${execs}'
shift
while :; do case $1 in -i) shift ;; -u) shift 2 ;; *) break ;; esac; done
shift
PATH='${container}' exec "$@"
`,
    { mode: 0o755 },
  )
  const pipes = () => readdirSync('/tmp').filter((each) => each.startsWith('quayside-pipe-'))
  const run = (script: Script, input = Buffer.alloc(0)) =>
    spawnSync('/bin/sh', ['-c', script.reveal()], {
      env: { PATH: host, PGOPTIONS: '-c work_mem=1' },
      input,
      maxBuffer: 1 << 26,
    })
  const lines = execFileSync('seq', ['1', '200000'], { maxBuffer: 1 << 26 })

  test('what a program prints comes compressed, and is read again', () => {
    const { status, stdout, stderr } = run(packed('pg', 'seq', sh`1 200000`))
    expect(status, String(stderr)).toBe(0)
    expect(stdout.length).toBeLessThan(lines.length / 2)
    expect(execFileSync('zstd', ['-dqc'], { input: stdout, maxBuffer: 1 << 26 }).equals(lines)).toBe(true)
    const back = run(unpacked('pg', 'cat'), stdout)
    expect(back.status, String(back.stderr)).toBe(0)
    expect(back.stdout.equals(lines)).toBe(true)
    expect(readFileSync(execs, 'utf8').match(/^exec -i /gm)?.length ?? 0).toBe(byPipe ? 0 : 2)
  })

  test('what nobody reads to its end is ended', () => {
    const cut = run(
      sh`{ ${packed('pg', 'seq', sh`1 90000000`)}; echo "ended with $?" >&2; } | cat | { read -r _; }`,
    )
    expect(String(cut.stderr)).toMatch(/ended with [1-9]/)
  })

  test('no pipe is left behind', () => {
    const before = pipes()
    run(unpacked('pg', 'cat'), run(packed('pg', 'seq', sh`1 9`)).stdout)
    expect(pipes().filter((each) => !before.includes(each))).toEqual([])
  })

  test('its words are its own, and so is its environment', () => {
    const words = `a 'b' "c" $d \\e`
    const script = packed('pg', 'sh', sh`-c ${'printf "%s|" "$@"; env'} sh ${words} ${''}`)
    const said = String(execFileSync('zstd', ['-dqc'], { input: run(script).stdout }))
    expect(said.startsWith(`${words}||`)).toBe(true)
    expect(said).not.toContain('PGOPTIONS')
  })

  test('a program that fails, or whose input was cut short, fails the whole', () => {
    const { stdout, status, stderr } = run(
      packed('pg', 'sh', sh`-c ${'seq 1 200000; echo gone >&2; exit 3'}`),
    )
    expect(status).toBe(3)
    expect(String(stderr)).toContain('gone')
    expect(run(unpacked('pg', 'cat'), stdout.subarray(0, -1000)).status).not.toBe(0)
    expect(run(unpacked('pg', 'sh', sh`-c ${'exit 4'}`), stdout).status).toBe(4)
  })
})
