import { type Script, sh } from '../script/index.ts'
import { oneLine } from './argument.ts'
import { fields } from './observed.ts'
import { Conflict, type Resource, resource, unchanged } from './resource.ts'

export interface AssertOptions {
  /** a script that changes nothing, and ends with 0 when all is as it must be */
  readonly that: Script
  /** what is wrong otherwise: "this host has no second disk" */
  readonly message: string
  /** what to do about it */
  readonly hint?: string | undefined
}

/**
 * What must hold before what follows is right (Ansible's assert): unchanged when it does, else the host's play ends
 * here with the message, in check mode too, and with what the script said on either output. So it is for what a host
 * brings along, never for what an earlier resource of the same run makes: for that, wait.
 *
 * What the facts and the variables tell needs no resource: a role throws a QuaysideError of its own.
 */
export function assertThat(name: string, options: AssertOptions): Resource {
  const { that, message, hint } = options
  oneLine(name, 'name of an assertion')
  if (oneLine(message, 'message') === '') throw new TypeError('message must not be empty')
  return resource({
    id: `assert ${name}`,
    // not in an if, where the shell would ignore a `set -e` of the script
    probe: sh`(
${that}
) >&2
[ $? -ne 0 ] || echo holds=yes
`,
    read: ({ stdout }) => fields(stdout).has('holds'),
    plan: (holds) => {
      if (holds) return unchanged
      throw new Conflict(message, hint === undefined ? {} : { hint })
    },
  })
}
