import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { hosts } from '../../lib/lab/topology.ts'
import { onHost } from './lab-host.ts'
import { liveRelease } from './live.ts'
import { inLab, playbook } from './playbook.ts'

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

  test('down leaves nothing running; up again, as after a reboot, the same release is served', async () => {
    const release = await liveRelease()
    const boot = await onHost('app-1', 'cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1')
    expect((await lab('down')).code).toBe(0)
    const running = spawnSync('docker', ['ps', '-q', '--filter', 'name=quayside-lab-'], { encoding: 'utf8' })
    expect(running.stdout).toBe('')
    expect((await lab('status')).stdout).not.toContain('running')

    const { code, output } = await inLab('site')
    expect(code, output).toBe(0)
    expect(await onHost('app-1', 'cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1')).not.toBe(boot)
    await expect.poll(liveOrWhyNot, { timeout: 60_000, interval: 500 }).toBe(release)
  })
})

const liveOrWhyNot = () => liveRelease().catch((error: unknown) => String(error))
