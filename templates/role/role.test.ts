import { expect, test } from 'vitest'
import { context, planned, varsOf } from '../../test/unit/roles/context.ts'
import { newRole } from './role.ts'
import { newRoleVars } from './schema.ts'

const resources = (given: Readonly<Record<string, unknown>> = {}) =>
  newRole.resources(context(varsOf(newRoleVars, given)))

test('what a host has by the role new-role', () => {
  expect(resources().map(({ id }) => id)).toEqual(['directory /etc/new-role', 'file /etc/new-role/text'])
})

test('the text is what the inventory says', () => {
  const said = resources({ new_role_text: 'good evening' }).map(planned).join('\n')
  expect(said).toContain('+good evening')
})
