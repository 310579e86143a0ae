import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandLine } from '../../command-line.ts'

let inventory: string

beforeAll(() => {
  inventory = mkdtempSync(join(tmpdir(), 'quayside-scan-'))
  mkdirSync(join(inventory, 'group_vars'))
  writeFileSync(
    join(inventory, 'hosts.yaml'),
    'all: { children: { box: { hosts: { here: { connection: local } } } } }\n',
  )
})
afterAll(() => rmSync(inventory, { recursive: true }))

test.each([
  ['--fail-on hihg', '', '--fail-on: there is no level "hihg"', 'did you mean `high`?'],
  ['--release v1 api:v1', '', '--release and images by name do not go together', 'one run for each'],
  ['api:v1;id', '', '"api:v1;id" cannot be the name of an image', ''],
  ['--release ../x', '', '"../x" cannot be the tag of an image', ''],
  ['--limit here', '', '--limit does not go with scan.ts', 'it looks at images'],
  [
    'api:v1',
    'scan_ignore: [{ package: openssl, until: 2026-12-31 }]',
    '`scan_ignore[0].why` is missing',
    'all.yaml:1:15',
  ],
  [
    'api:v1',
    'scan_ignore: [{ package: a, cve: CVE-2026-1, until: 2026-12-31, why: both }]',
    'cve',
    'all.yaml:1',
  ],
  ['api:v1', 'scan_ignore: [{ cve: CVE-2026-1, until: soon, why: later }]', 'until', 'all.yaml:1'],
])('scan.ts %s, with %j: nothing is touched', async (words, vars, message, more) => {
  writeFileSync(join(inventory, 'group_vars/all.yaml'), `${vars}\n`)
  const { code, stdout, stderr } = await commandLine(
    `playbooks/scan.ts --env box --inventory ${inventory} ${words}`,
  )
  expect(stderr).toContain(message)
  expect(stderr).toContain(more)
  expect(stdout).toBe('')
  expect(code).toBe(2)
})
