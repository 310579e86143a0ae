import { expect, test } from 'vitest'
import { commandLine } from '../../command-line.ts'

test.each([
  ['--table public.a --swap', /a part of a database never takes the place of the whole/],
  ['--as b --swap', /--as and --swap exclude each other/],
  ['--redis', /--redis goes with --swap/],
  ['--drop-old', /--drop-old goes with --swap/],
  ['undo app', /restore\.ts undo takes no "app"/],
  ['--jobs 0', /--jobs takes a whole number/],
  ['--to-time 2026-11-23T10:15:00', /does not say in which zone/],
  ['--to-time 2999-01-01T00:00:00Z', /has not come yet/],
  ['--to-time latest newest', /--to-time and "newest" exclude each other/],
  ['swap --to-time latest', /--to-time and "swap" exclude each other/],
  ['--to-time latest --redis --swap', /--to-time and --redis exclude each other/],
  ['--from ../lab', /"\.\.\/lab" cannot be the name of an environment/],
])('restore.ts %s is refused before any host is asked', async (words, said) => {
  const { code, stderr } = await commandLine(`playbooks/restore.ts --env staging ${words}`)
  expect(stderr).toMatch(said)
  expect(code).toBe(2)
})
