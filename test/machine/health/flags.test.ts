import { expect, test } from 'vitest'
import { commandLine } from '../../command-line.ts'

test.each([
  ['--only disks', '--only: there is no layer "disks"', 'did you mean `disk`?'],
  ['--only tls,everything', '--only: there is no layer "everything"', 'host, disk, container, port, query'],
  ['--limit edge-1', '--limit does not go with health.ts', 'it asks every host'],
  ['now', 'what is "now"?', 'health takes flags alone'],
  ['--metrics', '--metrics needs a value', 'FILE'],
  ['--stric', 'unknown flag --stric', 'did you mean --strict?'],
])('health.ts %s is refused before any host is asked', async (words, message, more) => {
  const { code, stdout, stderr } = await commandLine(`playbooks/health.ts --env staging ${words}`)
  expect(stderr).toContain(`error: ${message}`)
  expect(stderr).toContain(more)
  expect(stdout).toBe('')
  expect(code).toBe(2)
})

test('--help names the layers and the exit codes', async () => {
  const { code, stdout } = await commandLine('playbooks/health.ts --help')
  expect(stdout).toContain(
    '--only LAYER,…  only these layers: host, disk, container, port, query, https, tls',
  )
  expect(stdout).toContain('--strict')
  expect(stdout).toContain('--metrics FILE')
  expect(code).toBe(0)
})
