import { Connector, type ConnectorOptions } from '../connection/connector.ts'
import { UsageError } from '../error.ts'
import type { Args } from './flags.ts'
import { askSecret, terminal } from './prompt.ts'

/** What opens the connections of a run, as its command line says; asks a person where that is wanted. */
export async function connectorOf(
  args: Args,
  say: NonNullable<ConnectorOptions['say']> = () => {},
): Promise<Connector> {
  const asks = args.has('ask-become-pass') && !args.has('list-hosts')
  if (asks && terminal() === undefined)
    throw new UsageError(
      '--ask-become-pass needs a terminal to ask on',
      'give become_password in the inventory, for example { from_env: SUDO_PASSWORD }',
    )
  return new Connector({
    becomePassword: asks ? await askSecret('become password: ') : undefined,
    ask: terminal() === undefined ? undefined : askSecret,
    acceptNewHostKeys: args.has('accept-new-host-keys'),
    say,
  })
}
