import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { retention } from '../../../roles/log-store/retention.ts'

let root = ''
let folder = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quayside-retention-'))
  folder = join(root, 'logs')
  mkdirSync(join(root, 'bin'))
  writeFileSync(join(root, 'retention.sh'), retention('store.service'))
  // In the place of systemd's: it notes what it is told, and the store runs until it was stopped.
  const systemctl = `#!/bin/sh
case $1 in
  is-active) [ ! -e ${root}/stopped ] ;;
  stop) : >${root}/stopped ;;
  start) rm -f ${root}/stopped ;;
esac || exit 3
[ "$1" = is-active ] || echo "$*" >>${root}/told
`
  writeFileSync(join(root, 'bin/systemctl'), systemctl)
  chmodSync(join(root, 'bin/systemctl'), 0o755)
})
afterEach(() => rmSync(root, { recursive: true }))

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)

function keep(path: string, kib: number): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), Buffer.alloc(kib * 1024, 'x'))
}

function run({ days = 30, mb = 1000, freeMb = 0 } = {}): void {
  execFileSync('sh', [join(root, 'retention.sh'), folder, `${days}`, `${mb}`, `${freeMb}`], {
    env: { ...process.env, PATH: `${root}/bin:${process.env.PATH}` },
    stdio: 'pipe',
  })
}

const left = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
const told = () =>
  existsSync(join(root, 'told')) ? readFileSync(join(root, 'told'), 'utf8').split('\n').filter(Boolean) : []

test('what is older than the days goes, to the day, and rsyslog lets go of it', () => {
  for (const ago of [0, 1, 29, 30, 31, 400]) keep(`app-1/api/${day(ago)}.jsonl`, 4)
  run({ days: 30 })
  expect(left()).toEqual([30, 29, 1, 0].map((ago) => `app-1/api/${day(ago)}.jsonl`))
  expect(told()).toEqual(['kill -s HUP store.service'])
})

test('of too much the oldest goes, and of one day the largest', () => {
  keep(`app-1/api/${day(2)}.jsonl`, 500)
  keep(`app-2/web/${day(1)}.jsonl`, 600)
  keep(`app-1/api/${day(1)}.jsonl`, 900)
  keep(`app-1/api/${day(0)}.jsonl`, 100)
  run({ mb: 1 })
  expect(left()).toEqual([`app-1/api/${day(0)}.jsonl`, `app-2/web/${day(1)}.jsonl`])
})

test('what fits stays, other files are no affair of its own, and nothing is told to anybody', () => {
  keep(`app-1/api/${day(0)}.jsonl`, 4)
  keep('app-1/api/notes.txt', 4)
  run()
  expect(readdirSync(join(folder, 'app-1/api')).sort()).toEqual([`${day(0)}.jsonl`, 'notes.txt'])
  expect(told()).toEqual([])
})

test('a disk that is nearly full stops the store, once; room starts it, and nobody else’s stop is undone', () => {
  keep(`app-1/api/${day(0)}.jsonl`, 4)
  run({ freeMb: 1_000_000_000 })
  run({ freeMb: 1_000_000_000 })
  expect(told()).toEqual(['stop store.service'])
  run({ freeMb: 0 })
  run({ freeMb: 0 })
  expect(told()).toEqual(['stop store.service', 'start store.service'])
  writeFileSync(join(root, 'stopped'), '')
  run({ freeMb: 0 })
  expect(told()).toHaveLength(2)
})

test('without its folder it fails, and touches nothing', () => {
  mkdirSync(folder)
  rmSync(folder, { recursive: true })
  expect(() => run()).toThrow()
})
