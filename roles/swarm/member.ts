import { dockerProbe } from '../../lib/resource/docker.ts'
import { Conflict, type Plan, type Resource, resource, unchanged } from '../../lib/resource/index.ts'
import { type Script, sh } from '../../lib/script/index.ts'
import { Secret } from '../../lib/secret/index.ts'
import { post } from '../../lib/swarm/api.ts'
import { type Member, parseMember, readMember } from '../../lib/swarm/member.ts'

/** How a host is to come into the swarm. */
export interface Entry {
  /** its address for the others: an IP address */
  readonly address: string
  readonly as: 'founder' | 'manager' | 'worker'
  /** "10.0.0.1:2377": managers that it may ask; none for a founder */
  readonly remotes: readonly string[]
  /** where any host of the inventory would be a manager: a swarm that has none of them is another one */
  readonly ours: readonly string[]
  /** undefined in a check run before there is a swarm */
  readonly token: Secret | undefined
  /** the id by which it was removed from the swarm while it was away, and does not know */
  readonly forgotten: string | undefined
  readonly unlockKey: Secret | undefined
  readonly addressPools: readonly string[]
}

/** That a host is in the swarm. */
export function swarmMember(entry: Entry): Resource {
  return resource({
    id: 'swarm',
    probe: dockerProbe(readMember),
    read: ({ stdout }) => parseMember(stdout),
    plan: (member) => planMember(member, entry),
  })
}

function planMember(member: Member, entry: Entry): Plan {
  const join = enter(entry)
  switch (member.state) {
    case 'inactive':
      return { kind: 'change', summary: words(entry), apply: join }
    case 'pending':
      return { kind: 'change', summary: 'wait until it has joined', apply: untilActive }
    case 'locked':
      return unlock(entry)
    case 'error':
      throw new Conflict(`it is in a swarm and at odds with it: ${member.error}`, {
        hint: 'if it is to leave and join again: docker swarm leave --force on this host, and run this again',
      })
    case 'active':
      return member.nodeId === entry.forgotten ? again(member, entry, join) : unchanged
  }
}

function unlock({ unlockKey }: Entry): Plan {
  if (unlockKey === undefined)
    throw new Conflict('it is locked, and the key is not known', {
      hint: 'give swarm_unlock_key; a manager that is not locked prints it: docker swarm unlock-key -q',
    })
  const body = new Secret(JSON.stringify({ UnlockKey: unlockKey.reveal() }), 'composed')
  return {
    kind: 'change',
    summary: 'unlock',
    apply: sh`${post('/swarm/unlock', body)}
${untilActive}`,
  }
}

/** It leaves what it has been removed from already: nobody's quorum is at stake. */
function again(member: Member, entry: Entry, join: Script): Plan {
  const ours = new Set(entry.ours)
  if (!member.remotes.some((remote) => ours.has(remote)))
    throw new Conflict(`it is in another swarm, whose managers are ${member.remotes.join(', ')}`, {
      hint: 'have it leave that one (docker swarm leave), and run this again',
    })
  return {
    kind: 'change',
    summary: `it was removed while it was away: ${words(entry)} again`,
    apply: sh`docker swarm leave --force >&2
${join}`,
  }
}

function words({ as, remotes }: Entry): string {
  return as === 'founder' ? 'begin a swarm' : `join as a ${as}, by ${remotes.join(', ') || 'its founder'}`
}

function enter(entry: Entry): Script {
  const { address, as, remotes, token, addressPools } = entry
  const own = { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: address, DataPathAddr: address }
  if (as === 'founder') {
    const pools = addressPools.length === 0 ? {} : { DefaultAddrPool: addressPools, SubnetSize: 24 }
    return sh`${post('/swarm/init', JSON.stringify({ ...own, ...pools }))}
${untilActive}`
  }
  if (token === undefined) return sh`echo 'there is no swarm to join yet' >&2; exit 1`
  const body = new Secret(
    JSON.stringify({ ...own, RemoteAddrs: remotes, JoinToken: token.reveal() }),
    'composed',
  )
  // The engine goes on trying when its answer is late: what it says of itself counts.
  return sh`${post('/swarm/join', body)} || [ "$(docker info -f '{{.Swarm.LocalNodeState}}')" = pending ]
${untilActive}`
}

const untilActive: Script = sh`n=0
until [ "$(docker info -f '{{.Swarm.LocalNodeState}}')" = active ]; do
  n=$((n + 1))
  [ $n -lt 120 ] || { docker info -f '{{.Swarm.LocalNodeState}} {{.Swarm.Error}}' >&2; exit 1; }
  sleep 0.5
done
`
