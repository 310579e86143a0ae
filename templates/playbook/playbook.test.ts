import { expect, test } from 'vitest'
import { commandLine } from '../../test/command-line.ts'

test('new-playbook.ts --list-hosts: who it is for, and none is touched', async () => {
  const { code, stdout, stderr } = await commandLine('playbooks/new-playbook.ts --env lab --list-hosts')
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^play #1 \(all\): [a-z0-9-]+ {2}\d+ hosts?\n/)
  expect(code).toBe(0)
})

test('new-playbook.ts with a word that it does not know', async () => {
  expect(await commandLine('playbooks/new-playbook.ts now')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: what is "now"?\nhint: new-playbook takes flags alone; see --help\n',
  })
})
