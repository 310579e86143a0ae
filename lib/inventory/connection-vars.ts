import type { Target } from '../connection/connection.ts'
import { jumpPattern } from '../connection/jump-spec.ts'
import { expandPath, type PathContext } from './path.ts'
import { secret, type VarsOf, type VarsSchema } from './schema.ts'

/** The variables that every host may have: how to reach it. `host` and `private_address` default to its name. */
export const connectionSchema = {
  type: 'object',
  properties: {
    connection: { type: 'string', enum: ['ssh', 'local', 'docker'], default: 'ssh' },
    host: {
      type: 'string',
      minLength: 1,
      description: 'the address to connect to, or the name of a container',
    },
    docker_host: {
      type: 'string',
      minLength: 1,
      description:
        "where the container's Docker engine is, as for docker --host: ssh://user@host, tcp://…, unix://…",
    },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    user: { type: 'string', minLength: 1 },
    identity_file: { type: 'string', minLength: 1, description: 'the private key' },
    known_hosts_file: { type: 'string', minLength: 1 },
    password: { ...secret, description: 'to log in with where keys do not' },
    ssh_config: {
      anyOf: [{ const: false }, { type: 'string', minLength: 1 }],
      description: "a file instead of the user's and the system's; false for none",
    },
    jump: {
      type: 'string',
      pattern: jumpPattern,
      description: 'the hosts to go through: user@host:port with commas, or names of the inventory; or none',
    },
    forward_agent: { type: 'boolean', description: "let the host use this machine's ssh-agent" },
    become: { type: 'boolean', default: true, description: 'be another user on the host' },
    become_user: { type: 'string', minLength: 1, default: 'root' },
    become_method: { type: 'string', enum: ['sudo', 'su'], default: 'sudo' },
    become_password: {
      ...secret,
      description: "what sudo asks for (the login user's password), or su (that of become_user)",
    },
    connect_timeout: { type: 'integer', minimum: 1, description: 'in seconds' },
    command_timeout: { type: 'integer', minimum: 1, default: 600, description: 'of a script, in seconds' },
    private_address: { type: 'string', minLength: 1, description: 'the address for other hosts' },
  },
  additionalProperties: false,
} as const satisfies VarsSchema

export type ConnectionVars = VarsOf<typeof connectionSchema>

/** Ansible's names for them, and ours. */
export const ansibleNames: Readonly<Record<string, keyof typeof connectionSchema.properties>> = {
  ansible_host: 'host',
  ansible_ssh_host: 'host',
  ansible_port: 'port',
  ansible_ssh_port: 'port',
  ansible_user: 'user',
  ansible_ssh_user: 'user',
  ansible_ssh_private_key_file: 'identity_file',
  ansible_private_key_file: 'identity_file',
  ansible_become: 'become',
  ansible_become_user: 'become_user',
  ansible_become_method: 'become_method',
  ansible_become_password: 'become_password',
  ansible_become_pass: 'become_password',
  ansible_sudo_pass: 'become_password',
  ansible_connection: 'connection',
  ansible_timeout: 'connect_timeout',
  ansible_password: 'password',
  ansible_ssh_pass: 'password',
}

/** How to reach a host whose connection variables are valid; its jump hosts are put in by `withJumps`. */
export function targetOf(name: string, vars: ConnectionVars, context: PathContext): Target {
  const file = (path: string | undefined) => (path === undefined ? undefined : expandPath(path, context))
  return {
    name,
    connection: vars.connection,
    host: vars.host ?? name,
    dockerHost: vars.docker_host,
    port: vars.port,
    user: vars.user,
    identityFile: file(vars.identity_file),
    knownHostsFile: file(vars.known_hosts_file),
    password: vars.password,
    sshConfig: typeof vars.ssh_config === 'string' ? expandPath(vars.ssh_config, context) : vars.ssh_config,
    jump: undefined,
    forwardAgent: vars.forward_agent,
    become: vars.become,
    becomeUser: vars.become_user,
    becomeMethod: vars.become_method,
    becomePassword: vars.become_password,
    connectTimeoutSeconds: vars.connect_timeout,
    commandTimeoutSeconds: vars.command_timeout,
  }
}
