import { chmod, lstat, mkdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import {
  absentDirectory,
  Conflict,
  directory,
  lineInFile,
  link,
  type Resource,
} from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { apply, converge, look } from '../../lab/converge.ts'
import { me, onThisMachine, table } from './observe.ts'

describe('what a probe of a directory or link shows becomes a plan', () => {
  const etc = directory('/etc/a', { mode: 0o750 })
  table([
    { when: 'absent', resource: etc, stdout: 'standing=absent\n', plan: 'change: create (mode 0750)' },
    { when: 'equal', resource: etc, stdout: 'standing=41e8 root root 0 0\n', plan: 'unchanged' },
    {
      when: 'another mode',
      resource: etc,
      stdout: 'standing=43ff root root 0 0\n',
      plan: 'change: mode 1777 → 0750',
    },
    {
      when: 'a directory that shall not be',
      resource: absentDirectory('/srv/a'),
      stdout: 'standing=41ed root root 0 0\n',
      plan: 'change: remove with all that it holds',
    },
    { when: 'no link', resource: link('/a', 'b c'), plan: 'change: create', diff: '+b c' },
    { when: 'the link', resource: link('/a', 'b c'), stdout: `target=${btoa('b c')}\n`, plan: 'unchanged' },
    {
      when: 'a link to elsewhere',
      resource: link('/a', 'b'),
      stdout: `target=${btoa('old')}\n`,
      plan: 'change: target changed',
      diff: '-old\n+b',
    },
    {
      when: 'a link to a path of two lines',
      resource: link('/a', 'b'),
      stdout: `target=${btoa('b\n')}\n`,
      plan: 'change: target changed',
      diff: '-b\\n\n+b',
    },
  ])

  test('anything else in the place is a conflict', () => {
    const probed = (stdout: string) => ({ stdout, stderr: '', code: 0 })
    expect(() => etc.plan(probed('standing=81a4 root root 0 0\n'))).toThrow('a file stands at /etc/a')
    expect(() => link('/a', 'b').plan(probed('other=yes\n'))).toThrow(Conflict)
  })

  test.each(['/', '/etc', '/usr/lib', '/var/lib', '/etc/ssh'])('%s is never removed', (path) => {
    expect(() => absentDirectory(path)).toThrow(TypeError)
  })
})

describe('on this machine', () => {
  const machine = onThisMachine()

  test('a directory is made with its parents, mended, and removed', async () => {
    const path = `${machine.folder}/p/q/r`
    const wanted = directory(path, { mode: 0o2750, ...me })
    await converge(machine.shell, wanted)
    expect((await stat(path)).mode & 0o7777).toBe(0o2750)
    expect((await stat(`${machine.folder}/p`)).mode & 0o7777).toBe(0o755)
    await chmod(path, 0o700)
    expect((await converge(machine.shell, wanted)).summary).toBe('mode 0700 → 2750')
    // chmod with four digits would leave the setgid bit.
    await converge(machine.shell, directory(path, { mode: 0o700, ...me }))
    expect((await stat(path)).mode & 0o7777).toBe(0o700)
    await writeFile(`${path}/a`, '')
    await converge(machine.shell, absentDirectory(`${machine.folder}/p`))
    await expect(lstat(`${machine.folder}/p`)).rejects.toThrow('ENOENT')
  })

  test('what is lacking for it is told with the plan', async () => {
    await writeFile(`${machine.folder}/plain`, '')
    await symlink('nowhere', `${machine.folder}/dangling`)
    const lacks = async (wanted: Resource) => {
      const plan = await look(machine.shell, wanted)
      return plan.kind === 'change' ? plan.lacks : plan.kind
    }
    expect(await lacks(directory(`${machine.folder}/new/a/b`))).toBeUndefined()
    expect(await lacks(directory(`${machine.folder}/plain/a/b`))).toBe(
      `${machine.folder}/plain is no directory`,
    )
    expect(await lacks(directory(`${machine.folder}/dangling/a`))).toBe(
      `${machine.folder}/dangling is no directory`,
    )
    expect(await lacks(directory(`${machine.folder}/new`, { owner: 'quayside-nobody' }))).toBe(
      'there is no user quayside-nobody',
    )
    const inside = `${machine.folder}/new/a`
    for (const wanted of [link(inside, 'b'), lineInFile(inside, { line: 'b', create: true })])
      expect(await lacks(wanted)).toBe(`the directory ${machine.folder}/new is not there`)
  })

  test('parents are 0755 whatever the umask of the host', async () => {
    const plan = await look(machine.shell, directory(`${machine.folder}/u/v`, me))
    if (plan.kind !== 'change') throw new Error('no change')
    await apply(machine.shell, { ...plan, apply: sh`umask 077; ${plan.apply}` })
    expect((await stat(`${machine.folder}/u`)).mode & 0o7777).toBe(0o755)
  })

  test('a link is made and turned elsewhere, be its target there or not', async () => {
    const path = `${machine.folder}/current`
    await mkdir(`${machine.folder}/one`)
    await converge(machine.shell, link(path, 'one'))
    expect((await converge(machine.shell, link(path, '../nowhere'))).diff).toBe('-one\n+../nowhere')
    expect(await readlink(path)).toBe('../nowhere')
    // The shell's echo would make a tab of it, and its $() would take the line end away.
    for (const target of ['a\\tb', "it's $x"]) {
      await symlink(`${target}\n`, `${path}-odd`)
      expect((await converge(machine.shell, link(`${path}-odd`, target))).diff).toBe(
        `-${target}\\n\n+${target}`,
      )
      expect(await readlink(`${path}-odd`)).toBe(target)
      await rm(`${path}-odd`)
    }
  })

  test('looking changes nothing', async () => {
    expect((await look(machine.shell, directory(`${machine.folder}/never`))).kind).toBe('change')
    await expect(lstat(`${machine.folder}/never`)).rejects.toThrow('ENOENT')
  })
})
