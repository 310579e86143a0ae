import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { absentFile, Conflict, file, template } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { Secret, text } from '../../../lib/secret/index.ts'
import { apply, converge, look } from '../../lab/converge.ts'
import { applied, me, onThisMachine, table } from '../../unit/resource/observe.ts'

const standing = (mode: string, owner = 'root root 0 0') => `standing=${mode} ${owner}`
const base64 = (content: string) => Buffer.from(content).toString('base64')
const hash = { a: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' } as const
const a = file('/etc/a', { content: 'a' })

describe('what a probe of a file shows becomes a plan', () => {
  const lines = (...given: string[]) => given.map((line) => `${line}\n`).join('')
  table([
    {
      when: 'absent',
      resource: a,
      stdout: lines('standing=absent'),
      plan: 'change: create (mode 0644)',
      diff: '+a\n \\ No newline at end of file',
    },
    {
      when: 'absent, and wished empty',
      resource: file('/etc/a', { content: '' }),
      stdout: lines('standing=absent'),
      plan: 'change: create (mode 0644)',
      diff: '',
    },
    {
      when: 'a socket in its place',
      resource: a,
      stdout: lines(standing('c1ed')),
      plan: 'change: replace the special file by a file (mode 0644)',
    },
    { when: 'equal', resource: a, stdout: lines(standing('81a4'), `sha256=${hash.a}`), plan: 'unchanged' },
    {
      when: 'another mode and owner',
      resource: a,
      stdout: lines(standing('8180', 'www adm 33 4'), `sha256=${hash.a}`),
      plan: 'change: mode 0600 → 0644, owner www → root, group adm → root',
    },
    {
      when: 'an owner by number',
      resource: file('/etc/a', { content: 'a', owner: 999, group: '998' }),
      stdout: lines(standing('81a4', 'UNKNOWN UNKNOWN 999 998'), `sha256=${hash.a}`),
      plan: 'unchanged',
    },
    {
      when: 'another text',
      resource: file('/etc/a', { content: 'one\nthree\n' }),
      stdout: lines(standing('81a4'), 'sha256=0', `content=${base64('one\ntwo\n')}`),
      plan: 'change: content changed',
      diff: '@@ -1,2 +1,2 @@\n one\n-two\n+three',
    },
    {
      when: 'another text that was too big to send',
      resource: a,
      stdout: lines(standing('81a4'), 'sha256=0'),
      plan: 'change: content changed (too big for a diff)',
    },
    {
      when: 'bytes that are no text',
      resource: a,
      stdout: lines(standing('81a4'), 'sha256=0', `content=${Buffer.from([0, 255]).toString('base64')}`),
      plan: 'change: binary content changed',
    },
    {
      when: 'bytes wanted',
      resource: file('/etc/a', { content: new Uint8Array([0, 1, 2]) }),
      stdout: lines(standing('81a4'), 'sha256=0'),
      plan: 'change: binary content changed',
    },
    {
      when: 'another secret',
      resource: file('/etc/a', { content: new Secret('hush') }),
      stdout: lines(standing('8180'), 'sha256=0', `content=${base64('old')}`),
      plan: 'change: content changed (secret)',
    },
    {
      when: 'a secret not there',
      resource: file('/etc/a', { content: new Secret('hush') }),
      stdout: lines('standing=absent'),
      plan: 'change: create (mode 0600, secret)',
    },
    {
      when: 'a link in its place',
      resource: a,
      stdout: lines(standing('a1ff')),
      plan: 'change: replace the link by a file (mode 0644)',
    },
    {
      when: 'a probe that failed',
      resource: a,
      stderr: 'sh: 1: stat: not found\n',
      code: 127,
      plan: 'unknown: sh: 1: stat: not found',
    },
    {
      when: 'absent, as wanted',
      resource: absentFile('/etc/a'),
      stdout: lines('standing=absent'),
      plan: 'unchanged',
    },
    {
      when: 'a link that shall not be',
      resource: absentFile('/etc/a'),
      stdout: lines(standing('a1ff')),
      plan: 'change: remove the link',
    },
  ])

  test('a directory in its place is a conflict', () => {
    const probed = { stdout: 'standing=41ed root root 0 0\n', stderr: '', code: 0 }
    expect(() => a.plan(probed)).toThrow(Conflict)
    expect(() => absentFile('/etc/a').plan(probed)).toThrow('a directory stands at /etc/a')
  })

  test('a secret stands in no text that a person may see', () => {
    const secret = file('/etc/a', { content: text`password ${new Secret('hush')}` })
    const plan = secret.plan({ stdout: 'standing=absent\n', stderr: '', code: 0 })
    const shown =
      JSON.stringify(plan) + (plan.kind === 'change' ? String(plan.apply) : '') + String(secret.probe)
    expect(shown).not.toMatch(/hush|aHVzaA|cGFzc3dvcmQ/)
    // It is compared by its hash, and its old content is not asked for.
    expect(String(secret.probe)).not.toContain('base64')
  })

  test('the new file is its owner’s alone until it has its mode', () => {
    const script = applied(a.plan({ stdout: 'standing=absent\n', stderr: '', code: 0 }))
    expect(script.match(/umask \d+|base64 -d|chown|chmod|mv/g)).toEqual([
      'umask 077',
      'base64 -d',
      'chown',
      'chmod',
      'mv',
    ])
    expect(script).toMatch(/set -C\nbase64 -d >/)
  })

  test.each([
    ['etc/a', 0o644, 'path must be absolute'],
    ['/etc/../a', 0o644, 'path must be absolute'],
    ['/etc/a/', 0o644, 'path must be absolute'],
    ['/etc/a', 644, 'mode 644 is decimal: write 0o644'],
    ['/etc/a', 0o10000, 'mode must be a number from 0o0 to 0o7777'],
  ])('%s with mode %d is refused', (path, mode, message) => {
    expect(() => file(path, { content: '', mode })).toThrow(message)
  })
})

describe('a template', () => {
  test('begins with a note', () => {
    const plan = template('/etc/a', 'x = 1\n').plan({ stdout: 'standing=absent\n', stderr: '', code: 0 })
    expect(plan.kind === 'change' && plan.diff).toMatch(/^\+# Managed by Quayside; .*\n\+x = 1$/)
  })

  test('keeps a "#!" line first, and a secret secret', () => {
    const script = template('/a', '#!/bin/sh\nexit\n', { comment: '##' })
    const plan = script.plan({ stdout: 'standing=absent\n', stderr: '', code: 0 })
    expect(plan.kind === 'change' && plan.diff).toMatch(/^\+#!\/bin\/sh\n\+## Managed by .*\n\+exit$/)
    const secret = template('/a', new Secret('x\n')).plan({
      stdout: 'standing=absent\n',
      stderr: '',
      code: 0,
    })
    expect(secret.kind === 'change' && secret.diff).toBeUndefined()
  })
})

describe('on this machine', () => {
  const machine = onThisMachine()

  test('a file is made, mended after a drift, and removed', async () => {
    const path = `${machine.folder}/it's a file`
    const wanted = file(path, { content: 'one\n', mode: 0o640, ...me })
    expect(await converge(machine.shell, wanted)).toMatchObject({
      summary: 'create (mode 0640)',
      diff: '+one',
    })
    expect(await readFile(path, 'utf8')).toBe('one\n')

    await writeFile(path, 'two\n')
    await chmod(path, 0o600)
    expect(await converge(machine.shell, wanted)).toMatchObject({
      summary: 'content changed, mode 0600 → 0640',
      diff: '@@ -1,1 +1,1 @@\n-two\n+one',
    })
    await converge(machine.shell, absentFile(path))
    expect(await readdir(machine.folder)).toEqual([])
  })

  test('bytes, a secret and nothing at all arrive as they are', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256)
    await converge(machine.shell, file(`${machine.folder}/bytes`, { content: bytes, ...me }))
    expect(new Uint8Array(await readFile(`${machine.folder}/bytes`))).toEqual(bytes)
    const secret = "pass'word\n$(id) `id`\n"
    await converge(machine.shell, file(`${machine.folder}/secret`, { content: new Secret(secret), ...me }))
    expect(await readFile(`${machine.folder}/secret`, 'utf8')).toBe(secret)
    expect((await stat(`${machine.folder}/secret`)).mode & 0o777).toBe(0o600)
    await converge(machine.shell, file(`${machine.folder}/empty`, { content: '', ...me }))
    expect(await readFile(`${machine.folder}/empty`, 'utf8')).toBe('')
  })

  test('a new file that its check refuses leaves the old one, and nothing beside it', async () => {
    const folder = `${machine.folder}/checked`
    await mkdir(folder)
    const guarded = (content: string) =>
      file(`${folder}/conf`, {
        content,
        ...me,
        validate: (candidate) => sh`grep -q good ${candidate} || { echo 'not good' >&2; exit 1; }`,
      })
    await converge(machine.shell, guarded('good\n'))
    await expect(converge(machine.shell, guarded('bad\n'))).rejects.toThrow('not good')
    expect(await readFile(`${folder}/conf`, 'utf8')).toBe('good\n')
    expect(await readdir(folder)).toEqual(['conf'])
  })

  test('a link in its place is replaced, and what it leads to is left alone', async () => {
    await writeFile(`${machine.folder}/target`, 'target\n')
    await symlink('target', `${machine.folder}/alias`)
    await converge(machine.shell, file(`${machine.folder}/alias`, { content: 'own\n', ...me }))
    expect(await readFile(`${machine.folder}/target`, 'utf8')).toBe('target\n')
    expect(await readFile(`${machine.folder}/alias`, 'utf8')).toBe('own\n')
  })

  test('a missing directory is named', async () => {
    const lost = file(`${machine.folder}/lost/a`, { content: 'a', ...me })
    await expect(converge(machine.shell, lost)).rejects.toThrow(
      `the directory ${machine.folder}/lost is not there`,
    )
  })

  test('an owner, a group or a directory that is not there yet is told with the plan, diff and all', async () => {
    const lacks = async (name: string, access: { owner?: string | number; group?: string | number }) => {
      const plan = await look(machine.shell, file(`${machine.folder}/${name}`, { content: 'a\n', ...access }))
      return plan.kind === 'change' ? [plan.summary, plan.diff, plan.lacks] : []
    }
    const create = ['create (mode 0644)', '+a']
    expect(await lacks('new', {})).toEqual([...create, undefined])
    expect(await lacks('new', { owner: 'quayside-nobody' })).toEqual([
      ...create,
      'there is no user quayside-nobody',
    ])
    expect(await lacks('new', { group: 'quayside-nobody' })).toEqual([
      ...create,
      'there is no group quayside-nobody',
    ])
    expect(await lacks('new', { owner: 4_000_000, group: '4000000' })).toEqual([...create, undefined])
    expect(await lacks('lo st/new', { owner: 'quayside-nobody' })).toEqual([
      ...create,
      `the directory ${machine.folder}/lo st is not there`,
    ])
  })

  test('a full disk leaves the old file whole', async () => {
    const path = `${machine.folder}/kept`
    await converge(machine.shell, file(path, { content: 'old\n', ...me }))
    const plan = await look(machine.shell, file(path, { content: 'x'.repeat(2_000_000), ...me }))
    if (plan.kind !== 'change') throw new Error('no change')
    // A limit of 512 blocks on what a process may write stands in for a full disk.
    await expect(
      apply(machine.shell, { ...plan, apply: sh`trap '' XFSZ; ulimit -f 512; ${plan.apply}` }),
    ).rejects.toThrow()
    expect(await readFile(path, 'utf8')).toBe('old\n')
    expect(await readdir(machine.folder)).not.toContain('.kept.quayside')
  })

  test('looking changes nothing', async () => {
    const path = `${machine.folder}/never`
    expect((await look(machine.shell, file(path, { content: 'a', ...me }))).kind).toBe('change')
    expect(await readdir(machine.folder)).not.toContain('never')
  })
})
