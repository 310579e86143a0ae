import { expect, test } from 'vitest'
import { commandLine } from '../../command-line.ts'

test.each([
  ['--table public.a --swap', /a part of a database never takes the place of the whole/],
  ['--as b --swap', /--as and --swap exclude each other/],
  ['--redis', /--redis goes with --swap/],
  ['--drop-old', /--drop-old goes with --swap/],
  ['undo app', /restore\.ts undo takes no "app"/],
  ['--jobs 0', /--jobs takes a whole number/],
  ['--from ../lab', /"\.\.\/lab" cannot be the name of an environment/],
])('restore.ts %s is refused before any host is asked', async (words, said) => {
  const { code, stderr } = await commandLine(`playbooks/restore.ts --env staging ${words}`)
  expect(stderr).toMatch(said)
  expect(code).toBe(2)
})
