import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseFlags, playbookFlags } from '../../../lib/playbook/flags.ts'
import { planFlags } from '../../../lib/playbook/plan-file.ts'
import { reportFlags } from '../../../lib/playbook/report-flags.ts'
import { reportersOf } from '../../../lib/playbook/reporters.ts'

const folder = mkdtempSync(join(tmpdir(), 'quayside-reports-'))
afterAll(() => rmSync(folder, { recursive: true }))
symlinkSync(folder, join(folder, 'here'))
const path = join(folder, 'run.out')

test.each([
  ['--junit', '--report', path],
  ['--junit', '--report', `${folder}/here/run.out`],
  ['--report', '--plan-out', `${folder}/./run.out`],
])('%s and %s in one file are refused before anything is written', async (one, two, same) => {
  const args = parseFlags([one, path, two, same], { ...playbookFlags, ...reportFlags, ...planFlags })
  const life = { paint: (_: unknown, text: string) => text, print: () => undefined }
  await expect(reportersOf(args, { ...life, signal: new AbortController().signal })).rejects.toMatchObject({
    message: `${one} and ${two} name the same file: ${same}`,
    exitCode: 2,
  })
  expect(existsSync(path)).toBe(false)
})
