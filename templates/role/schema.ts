import type { VarsOf } from '../../lib/inventory/schema.ts'

/** Variables of the new-role role. */
export const newRoleVars = {
  type: 'object',
  additionalProperties: false,
  properties: {
    new_role_text: {
      type: 'string',
      default: 'hello',
      description: 'what stands in the file',
    },
  },
} as const

export type NewRoleVars = VarsOf<typeof newRoleVars>
