import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { absentLine, Conflict, lineInFile } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { converge, look } from '../../lab/converge.ts'
import { me, onThisMachine, table } from '../../unit/resource/observe.ts'

describe('what a probe of a line shows becomes a plan', () => {
  const port = lineInFile('/etc/a', { line: 'Port 22', match: '^#?Port' })
  table([
    { when: 'there', resource: port, stdout: 'act=none\n', plan: 'unchanged' },
    {
      when: 'another',
      resource: port,
      stdout: 'act=replace\nold=#Port = 1\n',
      plan: 'change: replace the line',
      diff: '-#Port = 1\n+Port 22',
    },
    { when: 'none', resource: port, stdout: 'act=insert\n', plan: 'change: add the line', diff: '+Port 22' },
    { when: 'no file', resource: port, stdout: 'act=missing\n', plan: 'unknown: /etc/a is not there' },
    {
      when: 'no file, which may be made',
      resource: lineInFile('/etc/a', { line: 'x', create: true }),
      stdout: 'act=missing\n',
      plan: 'change: create the file',
    },
    {
      when: 'two lines that shall not be',
      resource: absentLine('/etc/a', { match: 'x' }),
      stdout: 'x1\nx2\n',
      plan: 'change: remove 2 lines',
      diff: '-x1\n-x2',
    },
    { when: 'no such line', resource: absentLine('/etc/a', { line: 'x' }), plan: 'unchanged' },
  ])

  test('a directory is a conflict, two lines are refused', () => {
    expect(() => port.plan({ stdout: 'act=directory\n', stderr: '', code: 0 })).toThrow(Conflict)
    expect(() => lineInFile('/etc/a', { line: 'a\nb' })).toThrow('line must be one line')
  })
})

describe('on this machine', () => {
  const machine = onThisMachine()
  const cases = [
    { when: 'appended to a file without a last line end', before: 'a', line: 'b', after: 'a\nb\n' },
    { when: 'put in an empty file', before: '', line: 'b', after: 'b\n' },
    {
      when: 'put in the place of the last match',
      before: '#P 1\nx\nP 2\ny\n',
      line: 'P 3',
      match: '^#?P ',
      after: '#P 1\nx\nP 3\ny\n',
    },
    {
      when: 'put behind a line',
      before: '[a]\n[b]\n',
      line: 'x',
      behind: '^\\[a\\]',
      after: '[a]\nx\n[b]\n',
    },
    {
      when: 'put at the end where no line is to be behind',
      before: 'a\n',
      line: 'x',
      behind: '^z',
      after: 'a\nx\n',
    },
    {
      when: 'kept to the letter',
      before: 'a\n',
      line: 'it\'s \\n & $x \t"q" %s',
      after: 'a\nit\'s \\n & $x \t"q" %s\n',
    },
    {
      when: 'found where `match` does not match it',
      before: '#P\n#P\n',
      line: 'Q',
      match: '^#P',
      after: '#P\nQ\n',
    },
    { when: 'told apart from one it is part of', before: 'abc\n', line: 'b', after: 'abc\nb\n' },
    {
      when: 'put before a last line that has no end',
      before: 'P 1\nz',
      line: 'P 2',
      match: '^P',
      after: 'P 2\nz',
    },
    { when: 'put behind a last line that has no end', before: 'a', line: 'x', behind: 'a', after: 'a\nx\n' },
    { when: 'begun with a dash', before: 'a\n', line: '-v', match: '-x', after: 'a\n-v\n' },
  ]
  test.each(cases)('a line is $when', async ({ before, line, match, behind, after }) => {
    const path = `${machine.folder}/lines`
    await writeFile(path, before)
    await converge(machine.shell, lineInFile(path, { line, match, after: behind }))
    expect(await readFile(path, 'utf8')).toBe(after)
  })

  test('mode and other lines stay, a link stays a link, nothing is left beside', async () => {
    await writeFile(`${machine.folder}/real`, 'a\nb\na\n')
    await chmod(`${machine.folder}/real`, 0o6704)
    await symlink('real', `${machine.folder}/alias`)
    await converge(machine.shell, lineInFile(`${machine.folder}/alias`, { line: 'c' }))
    await converge(machine.shell, absentLine(`${machine.folder}/alias`, { line: 'a' }))
    expect(await readFile(`${machine.folder}/real`, 'utf8')).toBe('b\nc\n')
    expect((await stat(`${machine.folder}/real`)).mode & 0o7777).toBe(0o6704)
    expect((await readdir(machine.folder)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('a removed line leaves a last line without its end as it is', async () => {
    await writeFile(`${machine.folder}/open`, 'x\nmine')
    await converge(machine.shell, absentLine(`${machine.folder}/open`, { line: 'x' }))
    expect(await readFile(`${machine.folder}/open`, 'utf8')).toBe('mine')
  })

  test('a pipe has no lines, and is not waited for; a link that leads nowhere is not replaced', async () => {
    const pipe = `${machine.folder}/pipe`
    await machine.shell.run(sh`mkfifo ${pipe}`)
    await expect(look(machine.shell, lineInFile(pipe, { line: 'x' }))).rejects.toThrow('is a special file')
    await symlink('nowhere', `${machine.folder}/dangling`)
    const line = lineInFile(`${machine.folder}/dangling`, { line: 'x', create: true })
    await expect(look(machine.shell, line)).rejects.toThrow('a link that leads nowhere')
  })

  test('removed lines may be all, by an expression', async () => {
    await writeFile(`${machine.folder}/all`, 'x1\nx2\n')
    await converge(machine.shell, absentLine(`${machine.folder}/all`, { match: '^x[0-9]+$' }))
    expect(await readFile(`${machine.folder}/all`, 'utf8')).toBe('')
  })

  test('an expression that is none is said', async () => {
    await writeFile(`${machine.folder}/bad`, 'a\n')
    const plan = await look(machine.shell, lineInFile(`${machine.folder}/bad`, { line: 'a', match: '(' }))
    expect(plan).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(/grep: .*\(/) })
  })

  test.runIf(me.owner === 0)('a missing file is made', async () => {
    await converge(
      machine.shell,
      lineInFile(`${machine.folder}/new`, { line: 'a', create: true, mode: 0o600 }),
    )
    expect(await readFile(`${machine.folder}/new`, 'utf8')).toBe('a\n')
    expect((await stat(`${machine.folder}/new`)).mode & 0o777).toBe(0o600)
  })
})
