import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2'
import { agentOffer } from './agent.ts'
import type { Target } from './connection.ts'
import { ConnectionError } from './error.ts'
import { expandHome } from './path.ts'

/** One way to prove who we are, and its name for error messages. */
export interface Offer {
  readonly name: string
  readonly method: AnyAuthMethod
}

export interface Offers {
  readonly user: string
  readonly offers: readonly Offer[]
  /** keys that were found but cannot be used, with the reason */
  readonly passedOver: readonly string[]
}

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * What to offer a host: the identity file that the target names and nothing else, or, when it names none, the
 * agent's keys and the usual files in ~/.ssh, in ssh's order. A named file that cannot be used is an error.
 */
export async function loadOffers(target: Target, user: string): Promise<Offers> {
  const agent = process.env.SSH_AUTH_SOCK
  if (target.identityFile !== undefined) {
    const key = await readKey(expandHome(target.identityFile))
    if (typeof key !== 'string')
      return { user, offers: [offer(user, target.identityFile, key)], passedOver: [] }
    const held =
      key === 'encrypted' && agent
        ? await agentOffer(agent, user, await publicHalf(target.identityFile))
        : undefined
    if (held) return { user, offers: [held], passedOver: [] }
    throw unusable(target, target.identityFile, key)
  }
  const offers: Offer[] = []
  const passedOver: string[] = []
  const held = agent ? await agentOffer(agent, user) : undefined
  if (held) offers.push(held)
  for (const name of defaultKeys) {
    const key = await readKey(join(homedir(), '.ssh', name))
    if (typeof key !== 'string') offers.push(offer(user, `~/.ssh/${name}`, key))
    else if (key !== 'missing' && !(key === 'encrypted' && held)) passedOver.push(`~/.ssh/${name} (${key})`)
  }
  if (offers.length === 0) throw nothingToOffer(target, user, passedOver)
  return { user, offers, passedOver }
}

type Unusable = 'missing' | 'unreadable' | 'encrypted' | 'readable by others' | 'no private key'

/** A private key, or why it cannot be used. As ssh does, a key of ours that others may read is refused. */
async function readKey(path: string): Promise<ParsedKey | Unusable> {
  try {
    const { mode, uid } = await stat(path)
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) return 'readable by others'
    const parsed: ParsedKey | readonly ParsedKey[] | Error = ssh2.utils.parseKey(await readFile(path))
    if (parsed instanceof Error) return /encrypted/i.test(parsed.message) ? 'encrypted' : 'no private key'
    const key = Array.isArray(parsed) ? parsed[0] : parsed
    return key?.isPrivateKey() ? key : 'no private key'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'unreadable'
  }
}

/** The public key beside a private one, which tells which of the agent's keys is meant. */
async function publicHalf(identityFile: string): Promise<Buffer | undefined> {
  const text = await readFile(`${expandHome(identityFile)}.pub`, 'utf8').catch(() => '')
  const base64 = text.split(' ')[1]
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
}

function offer(username: string, name: string, key: ParsedKey): Offer {
  return { name, method: { type: 'publickey', username, key } }
}

function unusable(target: Target, file: string, why: Unusable): ConnectionError {
  const [message, hint] = {
    missing: ['does not exist', 'make one with ssh-keygen, or name another in the inventory'],
    unreadable: ['cannot be read', `look at its owner and mode: ls -l ${file}`],
    encrypted: ['is encrypted, and no agent holds it', `eval "$(ssh-agent)" && ssh-add ${file}`],
    'readable by others': ['can be read by others, so it is not used', `chmod 600 ${file}`],
    'no private key': [
      'holds no private key that can be used',
      'name the private half, in OpenSSH or PEM format',
    ],
  }[why]
  return new ConnectionError(target.name, `the key ${file} ${message}`, {
    reason: 'identity',
    hint: String(hint),
  })
}

function nothingToOffer(target: Target, user: string, passedOver: readonly string[]): ConnectionError {
  const seen = passedOver.length === 0 ? '' : `; not usable: ${passedOver.join(', ')}`
  const hint =
    'name an identity file in the inventory, load one with ssh-add, or make one with ssh-keygen -t ed25519'
  return new ConnectionError(target.name, `there is no key to log in with as ${user}${seen}`, {
    reason: 'identity',
    hint,
  })
}
