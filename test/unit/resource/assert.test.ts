import { describe, expect, test } from 'vitest'
import { assertThat, Conflict } from '../../../lib/resource/index.ts'
import { sh } from '../../../lib/script/index.ts'
import { look } from '../../lab/converge.ts'
import { onThisMachine, table } from './observe.ts'

const disk = assertThat('a second disk', {
  that: sh`[ -b /dev/sdb ]`,
  message: 'this host has no second disk',
  hint: 'attach one',
})

describe('what an assertion shows becomes a plan', () => {
  table([
    { when: 'it holds', resource: disk, stdout: 'holds=yes\n', plan: 'unchanged' },
    {
      when: 'it could not be asked',
      resource: disk,
      code: 127,
      plan: 'unknown: its probe ended with code 127',
    },
  ])

  test('it does not hold', () => {
    const conflict = (() => {
      try {
        return disk.plan({ stdout: '', stderr: '', code: 0 })
      } catch (error) {
        return error
      }
    })()
    expect(conflict).toBeInstanceOf(Conflict)
    expect(conflict).toMatchObject({ message: 'this host has no second disk', hint: 'attach one' })
  })

  test('a message of no words is refused', () => {
    expect(() => assertThat('a', { that: sh`true`, message: '' })).toThrow('message must not be empty')
  })
})

describe('on this machine', () => {
  const machine = onThisMachine()
  const ask = (that: ReturnType<typeof sh>) =>
    look(machine.shell, assertThat('it', { that, message: 'it is wrong' }))

  test('the script decides by its exit code alone', async () => {
    expect(await ask(sh`echo holds=no; true`)).toEqual({ kind: 'unchanged' })
    await expect(ask(sh`echo holds=yes; exit 7`)).rejects.toThrow('it is wrong')
    await expect(
      ask(sh`set -e
false
echo holds=yes`),
    ).rejects.toThrow('it is wrong')
  })
})
