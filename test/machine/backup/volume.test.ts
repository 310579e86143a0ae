import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Place } from '../../../lib/backup/place.ts'
import { repairFolder, swapFolder } from '../../../lib/backup/restore/folder.ts'
import { unpack } from '../../../lib/backup/restore/volume.ts'
import { mendFolder, packScript } from '../../../lib/backup/volume.ts'
import type { Connection } from '../../../lib/connection/index.ts'
import { openLocal } from '../../../lib/connection/local.ts'
import type { Event } from '../../../lib/engine/event.ts'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { piped, type Script, sh } from '../../../lib/script/index.ts'
import { targetLike } from '../../target.ts'

let scratch: string
let content: string
let connection: Connection

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'quayside-volume-'))
  content = join(scratch, 'content')
  mkdirSync(join(content, 'sub'), { recursive: true })
  writeFileSync(join(content, 'sub', 'file'), 'new')
  connection = await openLocal(targetLike())
})

afterEach(async () => {
  await connection.close()
  rmSync(scratch, { recursive: true, force: true })
})

const has = (...tools: readonly string[]) =>
  tools.every((each) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', each]).status === 0)
const root = process.getuid?.() === 0

async function run(script: Script): Promise<string> {
  const { code, stdout, stderr } = await connection.run(script)
  expect(`${code} ${stderr}`).toBe('0 ')
  return stdout
}

/** A backup's archive of the content, restored into a folder that holds something else. Gives that folder. */
async function broughtBack(): Promise<string> {
  const folder = join(scratch, 'other')
  mkdirSync(folder)
  writeFileSync(join(folder, 'old'), 'old')
  await run(sh`${piped(packScript(content), sh`zstd -q`, unpack(folder, 'abcdef'))}`)
  await run(swapFolder(folder, 'abcdef', '20261125t101500z'))
  return folder
}

test.runIf(has('zstd'))('what a restore has put beside the content is in no backup', async () => {
  for (const name of [
    '.quayside-before-20261124t101500z',
    '.quayside-restore-123456',
    'sub/.quayside-mine',
  ]) {
    mkdirSync(join(content, name))
    writeFileSync(join(content, name, 'x'), 'x')
  }
  writeFileSync(join(content, '.quayside-stopped'), 'app\n')
  writeFileSync(join(content, '.hidden'), '')
  const folder = await broughtBack()
  expect(readdirSync(folder).sort()).toEqual(['.hidden', '.quayside-before-20261125t101500z', 'sub'])
  // but for a name that somebody else gave, further down
  expect(readdirSync(join(folder, 'sub')).sort()).toEqual(['.quayside-mine', 'file'])
})

test.runIf(root && has('zstd', 'setfattr', 'getfattr', 'setfacl', 'setcap'))(
  'attributes, capabilities, access lists and owners come back',
  async () => {
    const file = join(content, 'sub', 'file')
    const marked = spawnSync('sh', [
      '-ec',
      `chown 1234:5678 "$1"; chmod 4751 "$1"; setfattr -n user.colour -v blue "$1"
       setfacl -m u:4321:r "$1"; setfacl -d -m g:8765:rx "\${1%/*}"; setcap cap_net_raw+ep "$1"`,
      'sh',
      file,
    ])
    expect(`${marked.status} ${marked.stderr}`).toBe('0 ')
    const look = (folder: string) =>
      spawnSync(
        'sh',
        ['-ec', 'getfattr -d -m - sub sub/file; getfacl -n sub sub/file; stat -c "%n %u:%g %a" sub/file'],
        { cwd: folder, encoding: 'utf8' },
      ).stdout
    const before = look(content)
    for (const each of ['user.colour="blue"', 'security.capability=', 'user:4321:r', 'default:group:8765:r'])
      expect(before).toContain(each)
    expect(look(await broughtBack())).toBe(before)
  },
)

test('a folder that a restore left half-swapped is put right before it is backed up', async () => {
  const before = '.quayside-before-20261125t101500z'
  mkdirSync(join(content, before))
  writeFileSync(join(content, before, 'old'), 'old')
  writeFileSync(join(content, '.quayside-swap'), `in ${before}\n`)
  const notes: string[] = []
  const place = {
    connection: async () => connection,
    emit: (event: Event) => void (event.type === 'note' && notes.push(event.text)),
  } as unknown as Place
  const source = { host: { name: 'here' } as Host, kind: 'path', name: content } as const
  await mendFolder(place, source, content)
  expect(notes).toEqual([`a restore that died was undone in ${content}`])
  expect(readdirSync(content)).toEqual(['old'])
  expect(readFileSync(join(content, 'old'), 'utf8')).toBe('old')
  await mendFolder(place, source, content)
  expect(notes).toHaveLength(1)
  expect(existsSync(join(content, 'old'))).toBe(true)

  writeFileSync(join(content, '.quayside-swap'), 'in ../../etc\n')
  await expect(mendFolder(place, source, content)).rejects.toThrow(
    /here: path .* a restore that died cannot be undone: .quayside-swap says/,
  )
  expect(await run(repairFolder(join(scratch)))).toBe('')
})
