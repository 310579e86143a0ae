import { describe, expect, test } from 'vitest'
import { hosts } from '../../lib/lab/topology.ts'
import { playbook } from './playbook.ts'

const lab = (...words: readonly string[]) => playbook('lab', words)
const names = hosts.map(({ name }) => name)

describe('lab.ts', () => {
  test('up, again: it finds everything there, and says where', async () => {
    const { code, stdout, output } = await lab('up')
    expect(code, output).toBe(0)
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +127\\.0\\.0\\.1:\\d+ +10\\.`, 'm'))
    expect(stdout).not.toContain('creating')
  })

  test('ssh HOST COMMAND runs it there', async () => {
    const { code, stdout } = await lab('ssh', 'app-1', 'uname', '--', '-n')
    expect([code, stdout.trim().split('\n').at(-1)]).toEqual([0, 'app-1'])
  })

  test.each([
    [['stauts'], 'did you mean status?'],
    [[], 'up, down, status, ssh, reset'],
    [['ssh', 'app-9'], 'edge-1, edge-2, app-1, app-2, db-1'],
    [['up', '--env', 'lab'], 'unknown flag --env'],
  ])('%j is refused, with what would be right', async (words, said) => {
    const { code, stderr } = await lab(...words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })
})
