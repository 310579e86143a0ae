import { expect, test } from 'vitest'
import { connectorOf } from '../../../lib/playbook/connector.ts'
import { parseFlags, playbookFlags } from '../../../lib/playbook/flags.ts'

test.each(['-K', '--ask-become-pass'])('%s where nobody can be asked is wrong usage', async (flag) => {
  await expect(connectorOf(parseFlags([flag], playbookFlags))).rejects.toMatchObject({
    exitCode: 2,
    message: '--ask-become-pass needs a terminal to ask on',
    hint: expect.stringContaining('become_password'),
  })
})
