import { chmod, link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { Conflict, fetchFile } from '../../../lib/resource/index.ts'
import { converge, look } from '../../lab/converge.ts'
import { fleetOf, roleOf } from '../../unit/engine/fleets.ts'
import { inWords, onThisMachine } from '../../unit/resource/observe.ts'

const hash = { a: 'a'.repeat(64), b: 'b'.repeat(64) } as const
const fetched = fetchFile('/etc/a', '/tmp/db-1/a')

describe('what is there and what is here become a plan', () => {
  const there = (mode: string, sha256: string) => `is=file\nmode=${mode}\nsize=2048\nsha256=${sha256}\n`
  const here = (mode: number, sha256: string) => ({ type: 'file', mode, sha256 })
  const plan = (stdout: string, local: object) =>
    fetched.plan({ stdout, stderr: '', code: 0, here: JSON.stringify(local) })

  test.each([
    ['nothing is here', there('644', hash.a), { type: 'absent' }, 'change: fetch (2 KiB)'],
    ['both are equal', there('644', hash.a), here(0o664, hash.a), 'unchanged'],
    ['they differ', there('644', hash.a), here(0o644, hash.b), 'change: fetch anew: content differs (2 KiB)'],
    [
      'a private file is open here',
      there('640', hash.a),
      here(0o644, hash.a),
      'change: mode 0644 → 0600 (2 KiB)',
    ],
    ['a private file is private here', there('640', hash.a), here(0o400, hash.a), 'unchanged'],
    ['it is not there', 'is=absent\n', here(0o644, hash.b), 'unknown: /etc/a is not there'],
  ])('%s', (_, stdout, local, words) => {
    expect(inWords(plan(stdout, local))).toBe(words)
  })

  test('what a person has to decide is a conflict', () => {
    expect(() => plan('is=other\n', { type: 'absent' })).toThrow(Conflict)
    expect(() => plan(there('644', hash.a), { type: 'other' })).toThrow(
      '/tmp/db-1/a is there on this machine',
    )
    expect(() => plan('is=file\nmode=644\nsize=41943041\n', { type: 'absent' })).toThrow(
      '/etc/a has 40 MiB: at most 40 MiB are fetched',
    )
  })

  test('what was written to meanwhile is not taken', async () => {
    const change = plan(there('644', hash.a), { type: 'absent' })
    if (change.kind !== 'change') throw new Error('no change')
    await expect(change.receive?.(`sha256=${hash.a}\ncontent=YQ==\n`)).rejects.toThrow(
      '/etc/a was written to while it was fetched',
    )
  })

  test.each([
    ['etc/a', '/tmp/a', 'path must be absolute'],
    ['/etc/a', 'tmp/a', 'the local path must be absolute'],
    ['/etc/a', '/tmp/', 'the local path must be absolute, and name a file'],
    ['/etc/a', '/tmp/{host}/a', "write the host's name into the local path"],
  ])('%s to %s is refused', (path, local, message) => {
    expect(() => fetchFile(path, local)).toThrow(message)
  })
})

describe('on this machine', () => {
  const machine = onThisMachine()

  test('a file arrives whole in folders that were not there, and again after it changed', async () => {
    const source = `${machine.folder}/it's there`
    const target = `${machine.folder}/here/db-1/copy`
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256)
    await writeFile(source, bytes)
    await chmod(source, 0o644)
    const wish = fetchFile(source, target)
    await converge(machine.shell, wish)
    expect(new Uint8Array(await readFile(target))).toEqual(bytes)
    expect((await stat(target)).mode & 0o777).toBe(0o644)

    // Whoever holds the old file keeps it whole.
    await link(target, `${machine.folder}/held`)
    await writeFile(source, '')
    await converge(machine.shell, wish)
    expect(await readFile(target, 'utf8')).toBe('')
    expect((await stat(`${machine.folder}/held`)).size).toBe(300_000)
    expect(await readdir(`${machine.folder}/here/db-1`)).toEqual(['copy'])
  })

  test('a private file stays private, and a link here is replaced, not followed', async () => {
    const [source, target] = [`${machine.folder}/key`, `${machine.folder}/key here`]
    await writeFile(source, 'key\n', { mode: 0o640 })
    await writeFile(`${machine.folder}/other`, 'other\n')
    await symlink('other', target)
    await converge(machine.shell, fetchFile(source, target))
    expect(await readFile(`${machine.folder}/other`, 'utf8')).toBe('other\n')
    expect((await stat(target)).mode & 0o777).toBe(0o600)
    await chmod(target, 0o644)
    expect((await converge(machine.shell, fetchFile(source, target))).summary).toBe(
      'mode 0644 → 0600 (4 bytes)',
    )
  })

  test('a directory here is a conflict, and nothing is left beside it', async () => {
    const [source, target] = [`${machine.folder}/a`, `${machine.folder}/b`]
    await writeFile(source, 'a')
    await mkdir(target)
    await expect(look(machine.shell, fetchFile(source, target))).rejects.toThrow(Conflict)
    await rm(target, { recursive: true })
    const plan = await look(machine.shell, fetchFile(source, target))
    await mkdir(`${target}/in the way`, { recursive: true })
    if (plan.kind !== 'change') throw new Error('no change')
    const { stdout } = await machine.shell.run(plan.apply)
    await expect(plan.receive?.(stdout)).rejects.toThrow()
    expect((await readdir(machine.folder)).filter((name) => name.endsWith('.quayside'))).toEqual([])
  })

  test('looking changes nothing', async () => {
    await writeFile(`${machine.folder}/a`, 'a')
    const plan = await look(machine.shell, fetchFile(`${machine.folder}/a`, `${machine.folder}/never/a`))
    expect(plan.kind).toBe('change')
    expect(await readdir(machine.folder)).not.toContain('never')
  })

  test('the engine brings it here, and tells nobody what it holds', async () => {
    const [source, target] = [`${machine.folder}/private`, `${machine.folder}/fetched/private`]
    await writeFile(source, 'hush, a key\n', { mode: 0o600 })
    const { fleet, events, outcomes, failures } = fleetOf(['h1'])
    await fleet.converge([{ hosts: 'all', roles: [roleOf('keys', () => [fetchFile(source, target)])] }])
    await fleet.close()
    expect(failures()).toEqual([])
    expect(outcomes()).toEqual([`h1 fetch ${source} to ${target} changed`])
    expect(await readFile(target, 'utf8')).toBe('hush, a key\n')
    expect(JSON.stringify(events)).not.toMatch(/hush|aHVzaC/)
  })
})
