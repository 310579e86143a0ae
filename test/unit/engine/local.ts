import type { Target } from '../../../lib/connection/connection.ts'

/** This machine, as the user who runs the tests. */
export const localTarget: Target = {
  name: 'here',
  connection: 'local',
  host: 'localhost',
  port: 22,
  user: undefined,
  identityFile: undefined,
  knownHostsFile: undefined,
  become: false,
  connectTimeoutSeconds: 5,
}
