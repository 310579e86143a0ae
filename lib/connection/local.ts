import { userName } from '../user-name.ts'
import { entryOf } from './become.ts'
import type { Connection, Target } from './connection.ts'
import { openProcess } from './process.ts'

/** A shell on this machine, another user's through sudo where the target says become. */
export function openLocal(
  target: Target,
  options: { program?: string; signal?: AbortSignal } = {},
): Promise<Connection> {
  const program = options.program ?? '/bin/sh'
  const agent = target.forwardAgent === true && target.becomeUser === 'root'
  const { command, enter } = entryOf(target, userName(), { program, agent })
  return openProcess(target, { argv: ['/bin/sh', '-c', command], enter, program }, options.signal)
}
