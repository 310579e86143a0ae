import { UsageError } from '../../error.ts'
import type { Args } from '../flags.ts'

export interface Command {
  readonly service: string
  readonly words: readonly string[]
}

/** Throws a UsageError for a command line that names no service or no command. */
export function demandCommand(args: Args): Command {
  const [service, ...words] = args.positionals
  if (service === undefined)
    throw new UsageError('in which service?', 'exec.ts --env ENV SERVICE -- COMMAND…')
  if (words.length === 0)
    throw new UsageError(`what is to be run in ${service}?`, `exec.ts --env ENV ${service} -- COMMAND…`)
  return { service, words }
}
