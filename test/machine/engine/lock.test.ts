import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withLock } from '../../../lib/engine/lock.ts'
import { fleetOf } from '../../unit/engine/fleets.ts'

test('a lock that was let go can be taken at once, by the same run and by another; while it is held by nobody else', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'quayside-lock-'))
  const lock = { file: join(dir, 'lock'), what: 'deploy' }
  const { fleet } = fleetOf(['h1'])
  const { fleet: other } = fleetOf(['h1'])
  const take = (by: typeof fleet, work: () => Promise<string>) => withLock(by, by.inventory.hosts, lock, work)
  try {
    expect(await take(fleet, async () => 'first')).toBe('first')
    expect(await take(fleet, async () => 'again')).toBe('again')
    const meanwhile = take(fleet, () => take(other, async () => 'both'))
    await expect(meanwhile).rejects.toThrow(/h1: locked: .* runs deploy since/)
    expect(await take(other, async () => 'after')).toBe('after')
  } finally {
    await fleet.close()
    await other.close()
    rmSync(dir, { recursive: true })
  }
})
