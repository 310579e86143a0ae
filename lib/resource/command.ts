import { type Script, sh } from '../script/index.ts'
import { absolutePath, oneLine, whole } from './argument.ts'
import { fields } from './observed.ts'
import { type Common, type Resource, resource, unchanged } from './resource.ts'

export interface CommandOptions extends Common {
  readonly run: Script
  /** a path: nothing to do once it is there */
  readonly creates?: string | undefined
  /** a script that changes nothing: nothing to do when it ends with 0 */
  readonly unless?: Script | undefined
  /** what the run does, for the plan: "run" unless told */
  readonly changedSummary?: string | undefined
  /** 600 unless told */
  readonly timeoutSeconds?: number | undefined
}

/** A script for what no other resource knows. Without `creates` or `unless` it runs each time. */
export function command(name: string, options: CommandOptions): Resource {
  const { run, creates, unless, changedSummary = 'run', timeoutSeconds = 600, notify } = options
  oneLine(name, 'name of a command')
  whole(timeoutSeconds, 1, 86_400, 'timeoutSeconds')
  const guarded = creates !== undefined || unless !== undefined
  return resource({
    id: `command ${name}`,
    probe: sh`${creates === undefined ? sh`` : sh`[ ! -e ${absolutePath(creates, 'creates')} ] || echo done=yes`}
${
  unless === undefined
    ? sh``
    : sh`if (
${unless}
) >/dev/null 2>&1; then echo done=yes; fi`
}
:
`,
    read: ({ stdout }) => fields(stdout).has('done'),
    plan: (done) =>
      done
        ? unchanged
        : {
            kind: 'change',
            summary: changedSummary,
            apply: sh`set -e
${run}
`,
            timeoutSeconds,
            ...(guarded ? {} : { unverifiable: true }),
          },
    notify,
  })
}
