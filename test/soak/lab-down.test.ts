import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { onHost } from '../lab/lab-host.ts'
import { liveRelease } from '../lab/live.ts'
import { inLab, playbook } from '../lab/playbook.ts'

const lab = (...words: readonly string[]) => playbook('lab', words)

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

const liveOrWhyNot = () => liveRelease().catch((error: unknown) => String(error))
