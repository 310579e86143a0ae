import type { Target } from '../lib/connection/connection.ts'

/** How to reach a host, for tests: this machine's own shell, not as root, unless the values say otherwise. */
export function targetLike(values: Partial<Target> = {}): Target {
  return {
    name: 'here',
    connection: 'local',
    host: '127.0.0.1',
    dockerHost: undefined,
    port: undefined,
    user: undefined,
    identityFile: undefined,
    knownHostsFile: undefined,
    password: undefined,
    sshConfig: false,
    jump: undefined,
    forwardAgent: undefined,
    become: false,
    becomeUser: 'root',
    becomeMethod: 'sudo',
    becomePassword: undefined,
    connectTimeoutSeconds: 5,
    commandTimeoutSeconds: 600,
    ...values,
  }
}
