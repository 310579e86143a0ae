import { readFile } from 'node:fs/promises'
import type { AnyAuthMethod, ParsedKey } from 'ssh2'
import { agentOffer } from './agent.ts'
import { ConnectionError } from './error.ts'
import type { KeyFiles, Unusable } from './key-file.ts'
import { expandHome, tilde } from './path.ts'
import type { Settled } from './settled.ts'

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

/**
 * What to offer a host: the identity file that the inventory names and no other key, or, when it names none, the
 * agent's keys and the files of ssh_config (the usual ones in ~/.ssh), in ssh's order. A file that the inventory
 * names and that cannot be used is an error. A password of the inventory's comes last.
 */
export async function loadOffers(target: Settled, files: KeyFiles): Promise<Offers> {
  const keys = target.identityFile === undefined ? await anyKeys(target, files) : await oneKey(target, files)
  const offers = [...keys.offers, ...passwordOffers(target)]
  if (offers.length === 0) throw nothingToOffer(target, keys.passedOver)
  return { user: target.user, offers, passedOver: keys.passedOver }
}

type Found = Pick<Offers, 'offers' | 'passedOver'>

async function oneKey(target: Settled, files: KeyFiles): Promise<Found> {
  const { user, identityFile = '', agentSocket } = target
  const path = expandHome(identityFile)
  let key = await files.read(path)
  if (key === 'encrypted') {
    const half = await publicHalf(path)
    const held = agentSocket && half ? await agentOffer(agentSocket, user, [half]) : undefined
    if (held) return { offers: [held], passedOver: [] }
    key = await files.unlock(path)
  }
  if (typeof key === 'string') throw unusable(target, identityFile, key)
  return { offers: [offer(user, identityFile, key)], passedOver: [] }
}

async function anyKeys(target: Settled, files: KeyFiles): Promise<Found> {
  const { user, agentSocket } = target
  const offers: Offer[] = []
  const passedOver: string[] = []
  const wanted = target.identitiesOnly
    ? (await Promise.all(target.identityFiles.map(publicHalf))).flatMap((half) => half ?? [])
    : undefined
  const held = agentSocket ? await agentOffer(agentSocket, user, wanted) : undefined
  if (held) offers.push(held)
  const encrypted: string[] = []
  for (const path of target.identityFiles) {
    const key = await files.read(path)
    if (typeof key !== 'string') offers.push(offer(user, tilde(path), key))
    else if (key === 'encrypted') encrypted.push(path)
    else if (key !== 'missing') passedOver.push(`${tilde(path)} (${key})`)
  }
  // Nobody is asked for a passphrase who has another key to try.
  for (const path of encrypted) {
    const key = offers.length === 0 ? await files.unlock(path) : 'encrypted'
    if (typeof key !== 'string') offers.push(offer(user, tilde(path), key))
    else if (!held) passedOver.push(`${tilde(path)} (${key})`)
  }
  return { offers, passedOver }
}

function passwordOffers({ user, password }: Settled): readonly Offer[] {
  if (password === undefined) return []
  const name = 'the password of the inventory'
  return [
    { name, method: { type: 'password', username: user, password: password.reveal() } },
    {
      name: `${name} (keyboard-interactive)`,
      method: {
        type: 'keyboard-interactive',
        username: user,
        prompt: (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.map(() => password.reveal())),
      },
    },
  ]
}

/** The public key beside a private one, which tells which of the agent's keys is meant. */
async function publicHalf(path: string): Promise<Buffer | undefined> {
  const text = await readFile(`${path}.pub`, 'utf8').catch(() => '')
  const base64 = text.split(' ')[1]
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
}

function offer(username: string, name: string, key: ParsedKey): Offer {
  return { name, method: { type: 'publickey', username, key } }
}

function unusable(target: Settled, file: string, why: Unusable): ConnectionError {
  const [message, hint] = {
    missing: ['does not exist', 'make one with ssh-keygen, or name another in the inventory'],
    unreadable: ['cannot be read', `look at its owner and mode: ls -l ${file}`],
    encrypted: [
      'is encrypted, no agent holds it, and nobody gave its passphrase',
      `eval "$(ssh-agent)" && ssh-add ${file}; or run this on a terminal, to be asked`,
    ],
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

function nothingToOffer(target: Settled, passedOver: readonly string[]): ConnectionError {
  const seen = passedOver.length === 0 ? '' : `; not usable: ${passedOver.join(', ')}`
  const hint =
    'name an identity file in the inventory, load one with ssh-add, or make one with ssh-keygen -t ed25519'
  return new ConnectionError(target.name, `there is no key to log in with as ${target.user}${seen}`, {
    reason: 'identity',
    hint,
  })
}
