import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { formatOf } from '../../../lib/resource/archive-format.ts'
import { absentArchive, archive, Conflict, download } from '../../../lib/resource/index.ts'
import { converge, look } from '../../lab/converge.ts'
import { me, onThisMachine, table } from '../../unit/resource/observe.ts'

const sum = 'a'.repeat(64)
const directory = 'standing=41ed root root 0 0\n'
const tool = archive('/opt/tool', { from: { url: 'https://a.test/tool-1.tgz', sha256: sum }, strip: 1 })
const local = archive('/opt/tool', { from: { path: '/srv/tool.zip' } })

describe('what a probe of a directory shows becomes a plan', () => {
  table([
    {
      when: 'absent',
      resource: tool,
      stdout: 'standing=absent\n',
      plan: 'change: unpack https://a.test/tool-1.tgz',
      diff: `+sha256 ${sum} strip 1 owner root:root`,
    },
    {
      when: 'empty',
      resource: tool,
      stdout: `${directory}empty=yes\n`,
      plan: 'change: unpack https://a.test/tool-1.tgz',
    },
    {
      when: 'unpacked from this',
      resource: tool,
      stdout: `${directory}mark=sha256 ${sum} strip 1 owner root:root\n`,
      plan: 'unchanged',
    },
    {
      when: 'unpacked from another',
      resource: tool,
      stdout: `${directory}mark=sha256 b strip 1 owner root:root\n`,
      plan: 'change: unpack anew from https://a.test/tool-1.tgz',
      diff: `-sha256 b strip 1 owner root:root\n+sha256 ${sum} strip 1 owner root:root`,
    },
    {
      when: 'with another mode',
      resource: tool,
      stdout: `standing=41c0 root root 0 0\nmark=sha256 ${sum} strip 1 owner root:root\n`,
      plan: 'change: mode 0700 → 0755',
    },
    {
      when: 'from a file that is not there',
      resource: local,
      stdout: 'standing=absent\n',
      plan: 'unknown: the archive /srv/tool.zip is not there',
    },
    {
      when: 'from a file that is',
      resource: local,
      stdout: `standing=absent\nsha256=${sum}  -\n`,
      plan: 'change: unpack /srv/tool.zip',
    },
    {
      when: 'absent, as wanted',
      resource: absentArchive('/opt/tool'),
      stdout: 'standing=absent\n',
      plan: 'unchanged',
    },
    {
      when: 'ours, and not wanted',
      resource: absentArchive('/opt/tool'),
      stdout: `${directory}mark=yes\n`,
      plan: 'change: remove with all that it holds',
    },
  ])

  test.each([directory, 'standing=81a4 root root 0 0\n', 'standing=a1ff root root 0 0\n'])(
    'what it did not make is a conflict: %s',
    (stdout) => {
      const probed = { stdout, stderr: '', code: 0 }
      expect(() => tool.plan(probed)).toThrow(Conflict)
      expect(() => absentArchive('/opt/tool').plan(probed)).toThrow('was not unpacked by Quayside')
    },
  )
})

test.each([
  ['a.tar', 'tar'],
  ['https://a.test/a.TGZ?x=1', 'tar.gz'],
  ['a.tar.xz', 'tar.xz'],
  ['a.tar.zst', 'tar.zst'],
  ['a.tbz2', 'tar.bz2'],
  ['a.zip', 'zip'],
])('%s is a %s', (name, format) => expect(formatOf(name)).toBe(format))

test('what could not be meant is refused', () => {
  const url = 'https://a.test/x.tgz'
  expect(() => formatOf('https://a.test/latest')).toThrow('format is needed')
  expect(() => archive('/opt', { from: { url, sha256: sum } })).toThrow('belongs to the system')
  expect(() => archive('/opt/a', { from: { url, sha256: 'abc' } })).toThrow('sha256 must match')
  expect(() => download('/a', { url: 'https://me:hush@a.test/x', sha256: sum })).toThrow(
    'no user and password',
  )
  expect(() => download('/a', { url: 'ftp://a.test/x', sha256: sum })).toThrow('url must match')
})

describe('on this machine', () => {
  const machine = onThisMachine()
  const hash = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex')

  async function packed(name: string, content: string): Promise<{ url: string; sha256: string }> {
    const from = `${machine.folder}/from-${name}`
    await mkdir(`${from}/top/bin`, { recursive: true })
    await writeFile(`${from}/top/bin/tool`, content, { mode: 0o755 })
    execFileSync('tar', ['-czf', `${machine.folder}/${name}.tar.gz`, '-C', from, 'top'])
    const path = `${machine.folder}/${name}.tar.gz`
    return { url: `file://${path}`, sha256: await hash(path) }
  }

  test('an archive is unpacked, replaced as a whole, and refused where it is not what was meant', async () => {
    const path = `${machine.folder}/it's here/tool`
    const [one, two] = [await packed('one', 'one\n'), await packed('two', 'two\n')]
    await converge(machine.shell, archive(path, { from: one, strip: 1, ...me }))
    expect(await readFile(`${path}/bin/tool`, 'utf8')).toBe('one\n')
    expect((await stat(`${path}/bin/tool`)).mode & 0o777).toBe(0o755)

    await writeFile(`${path}/added`, '')
    const wish = archive(path, { from: two, ...me, mode: 0o700 })
    await converge(machine.shell, wish)
    expect((await readdir(path)).sort()).toEqual(['.quayside-archive', 'top'])

    const wrong = archive(path, { from: { ...one, sha256: sum }, ...me })
    await expect(converge(machine.shell, wrong)).rejects.toThrow(`not the ${sum}`)
    await writeFile(`${machine.folder}/no.tar.gz`, 'no archive')
    const broken = archive(path, { from: { path: `${machine.folder}/no.tar.gz` }, ...me })
    await expect(converge(machine.shell, broken)).rejects.toThrow('gzip')
    expect((await look(machine.shell, wish)).kind).toBe('unchanged')
    expect(await readdir(`${machine.folder}/it's here`)).toEqual(['tool'])

    await converge(machine.shell, absentArchive(path))
  })

  test('a run that died between two renames left the old one beside: it is back first', async () => {
    const path = `${machine.folder}/cut`
    const from = await packed('cut', 'cut\n')
    await mkdir(`${machine.folder}/.cut.quayside-old`)
    await writeFile(`${machine.folder}/.cut.quayside-old/file`, 'precious')
    const wrong = archive(path, { from: { ...from, sha256: sum }, ...me })
    await expect(converge(machine.shell, wrong)).rejects.toThrow(sum)
    expect(await readdir(path)).toEqual(['file'])
  })

  test('a file is fetched by its hash', async () => {
    await writeFile(`${machine.folder}/source`, 'text\n')
    const remote = { url: `file://${machine.folder}/source`, sha256: await hash(`${machine.folder}/source`) }
    const path = `${machine.folder}/fetched`
    const wish = download(path, { ...remote, ...me, mode: 0o600 })
    expect((await converge(machine.shell, wish)).summary).toBe(`fetch ${remote.url}`)
    await writeFile(path, 'other\n')
    expect((await converge(machine.shell, wish)).summary).toBe(`replace by ${remote.url}`)
    await converge(machine.shell, download(path, { ...remote, ...me }))
    await expect(converge(machine.shell, download(path, { ...remote, ...me, sha256: sum }))).rejects.toThrow(
      sum,
    )
    expect(await readFile(path, 'utf8')).toBe('text\n')
  })
})
