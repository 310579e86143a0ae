import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { userName } from '../user-name.ts'
import type { Target } from './connection.ts'
import { ConnectionError } from './error.ts'
import { type JumpSpec, jumpName, parseJump } from './jump-spec.ts'
import { expandHome } from './path.ts'
import type { SshConfig } from './ssh-config.ts'

/** A target of which nothing is left open: the inventory before ssh_config, ssh_config before the defaults. */
export interface Settled extends Target {
  readonly port: number
  readonly user: string
  readonly connectTimeoutSeconds: number
  readonly jump: readonly Target[]
  readonly forwardAgent: boolean
  /** the name by which its key is looked up: the address where it has no alias */
  readonly hostKeyAlias: string | undefined
  /** the first is the one that a person adds to */
  readonly knownHostsFiles: readonly string[]
  /** keys that ssh_config names, beside the agent's; the usual ones when it names none */
  readonly identityFiles: readonly string[]
  readonly identitiesOnly: boolean
  readonly agentSocket: string | undefined
  readonly proxyCommand: string | undefined
  readonly keepaliveSeconds: number
  readonly keepaliveMisses: number
}

const usualKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `~/.ssh/${name}`)
/** what `ssh -G` prints when no IdentityFile is set */
const sshsOwnKeys = /^~\/\.ssh\/id_(rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|mldsa\S*)$/

/** Puts together what the inventory and ssh_config say of a host. */
export function settle(target: Target, config: SshConfig): Settled {
  const one = (name: string) => config.get(name)?.[0]
  const user = target.user ?? one('user') ?? userName()
  const host = one('hostname') ?? target.host
  const fill = (text: string) => tokens(text, { host, user, given: target.host })
  const proxied = target.jump === undefined && one('proxycommand') !== 'none'
  const agent = agentOf(one('identityagent'))
  const alias = one('hostkeyalias')
  return {
    ...target,
    host,
    user,
    port: target.port ?? Number(one('port') ?? 22),
    connectTimeoutSeconds: target.connectTimeoutSeconds ?? (Number(one('connecttimeout')) || 10),
    jump: target.jump ?? jumpOf(target, one('proxyjump') ?? 'none'),
    forwardAgent: forwardsAgent(target, user, agent, one('forwardagent') ?? 'no'),
    hostKeyAlias: alias === undefined ? undefined : fill(alias),
    knownHostsFiles: knownHostsOf(target, config, fill),
    identityFiles: identitiesOf(config.get('identityfile') ?? [])
      .map(fill)
      .map(expandHome),
    identitiesOnly: one('identitiesonly') === 'yes',
    agentSocket: agent,
    proxyCommand: proxied ? one('proxycommand') : undefined,
    keepaliveSeconds: Number(one('serveraliveinterval')) || 10,
    keepaliveMisses: Number(one('serveralivecountmax') ?? 3) || 3,
  }
}

/**
 * Whether an agent is forwarded. The socket on the host is the login user's: root can use it too, and nobody else. Who
 * asks for it in the inventory is told; ssh_config asks for ssh's own logins, which know of no other user.
 */
function forwardsAgent(target: Target, user: string, agent: string | undefined, configured: string): boolean {
  const { name, forwardAgent, become, becomeUser } = target
  const usable = !become || becomeUser === 'root' || becomeUser === user
  if (forwardAgent === undefined) return usable && agent !== undefined && configured !== 'no'
  if (!forwardAgent || usable) return forwardAgent
  throw new ConnectionError(
    name,
    `forward_agent cannot serve ${becomeUser}: the agent's socket on the host is for ${user} and root alone`,
    {
      reason: 'configuration',
      hint: `log in as ${becomeUser}, become root, or take forward_agent off this host`,
    },
  )
}

/** A jump host that the inventory does not list: it is reached with the key and the known hosts of what is behind it. */
export function hopTarget(target: Target, spec: JumpSpec, first: boolean): Target {
  return {
    name: jumpName(spec),
    connection: 'ssh',
    host: spec.host,
    dockerHost: undefined,
    port: spec.port,
    user: spec.user,
    identityFile: target.identityFile,
    knownHostsFile: target.knownHostsFile,
    sshConfig: target.sshConfig,
    // As with ssh -J: the way to the first is its own affair, the others are reached through the one before.
    jump: first ? undefined : [],
    forwardAgent: false,
    password: undefined,
    become: false,
    becomeUser: 'root',
    becomeMethod: 'sudo',
    becomePassword: undefined,
    connectTimeoutSeconds: target.connectTimeoutSeconds,
    commandTimeoutSeconds: target.commandTimeoutSeconds,
  }
}

function jumpOf(target: Target, text: string): readonly Target[] {
  const specs = parseJump(text)
  if (specs !== undefined) return specs.map((spec, index) => hopTarget(target, spec, index === 0))
  throw new ConnectionError(target.name, `ssh_config has a ProxyJump that makes no sense: ${text}`, {
    reason: 'configuration',
    hint: 'write it as user@host:port, several with commas',
  })
}

function knownHostsOf(target: Target, config: SshConfig, fill: (text: string) => string): readonly string[] {
  if (target.knownHostsFile !== undefined) return [expandHome(target.knownHostsFile)]
  const named = (keyword: string) =>
    config
      .get(keyword)
      ?.flatMap((line) => line.split(' '))
      .filter((file) => file !== 'none')
      .map(fill)
      .map(expandHome)
  return [
    ...(named('userknownhostsfile') ?? [join(homedir(), '.ssh', 'known_hosts')]),
    ...(named('globalknownhostsfile') ?? ['/etc/ssh/ssh_known_hosts']),
  ]
}

function identitiesOf(named: readonly string[]): readonly string[] {
  const set = named.filter((file) => file !== 'none')
  // ssh prints its whole list of usual keys when none is set; a person sets one or two.
  const unset = named.length === 0 || (named.length > 3 && named.every((file) => sshsOwnKeys.test(file)))
  return unset ? usualKeys : set
}

function agentOf(setting: string | undefined): string | undefined {
  const own = process.env.SSH_AUTH_SOCK
  if (setting === 'none') return undefined
  if (setting === undefined || setting === 'SSH_AUTH_SOCK') return own === '' ? undefined : own
  return setting.startsWith('$') ? process.env[setting.slice(1)] : expandHome(setting)
}

/** ssh's percent tokens and environment variables (ssh_config(5), TOKENS), as far as file names use them. */
export function tokens(
  text: string,
  of: { host: string; user: string; given: string; port?: number },
): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: homedir(),
    h: of.host,
    i: String(process.getuid?.() ?? ''),
    k: of.given,
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
    n: of.given,
    p: String(of.port ?? ''),
    r: of.user,
    u: userName(),
  }
  return text
    .replace(/%(.)/g, (whole, letter: string) => values[letter] ?? whole)
    .replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? '')
}
