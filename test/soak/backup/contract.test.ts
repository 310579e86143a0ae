import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { liveRelease } from '../../lab/live.ts'
import { inLab } from '../../lab/playbook.ts'
import { deriveRelease } from '../../lab/release.ts'

const store = mkdtempSync(join(tmpdir(), 'quayside-contract-'))
const vars = ['-x', JSON.stringify({ backup_store: { directory: store }, deploy_contract_restore_hours: 24 })]
let before: string
let next: string

beforeAll(async () => {
  before = await liveRelease()
  next = await deriveRelease(before, `contract-${Date.now()}`, 'LABEL quayside.migration=contract\n')
})

afterAll(async () => {
  await inLab('deploy')
  rmSync(store, { recursive: true, force: true })
})

test('a migration that contracts waits for a restore that was verified', async () => {
  const refused = await inLab('deploy', ['--release', next, ...vars])
  expect(refused.code, refused.output).toBe(1)
  expect(refused.stderr).toMatch(
    /the migrations of api contract the database, and no drill has verified a restore: 24 hours are allowed/,
  )
  expect(refused.output).not.toContain('migrate api')

  // A backup alone proves nothing.
  expect((await inLab('backup', vars)).code).toBe(0)
  const unproven = await inLab('deploy', ['--release', next, ...vars])
  expect([unproven.code, unproven.output]).toEqual([1, expect.stringContaining('no drill has verified')])
  expect(await liveRelease()).toBe(before)

  const drilled = await inLab('restore-drill', vars)
  expect(drilled.code, drilled.output).toBe(0)
  const deployed = await inLab('deploy', ['--release', next, ...vars])
  expect(deployed.code, deployed.output).toBe(0)
  expect(deployed.output).toMatch(/the restore of \S+ was verified \d+ minutes ago/)
  expect(await liveRelease()).toBe(next)
})
