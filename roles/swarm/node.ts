import { Conflict, type Plan, type Resource, resource, unchanged } from '../../lib/resource/index.ts'
import { type Script, sh } from '../../lib/script/index.ts'
import type { Node } from '../../lib/swarm/node.ts'
import { nameOf } from '../../lib/swarm/ours.ts'
import { keepsQuorum, type Voter } from '../../lib/swarm/quorum.ts'

/** What a node is to be, by the inventory. */
export interface NodeWish {
  readonly name: string
  /** undefined as long as it has not joined */
  readonly id: string | undefined
  readonly role: 'manager' | 'worker'
  readonly availability: 'active' | 'pause' | 'drain'
  readonly labels: Readonly<Record<string, string>>
  /** a person has said that the swarm may lose its quorum by it */
  readonly quorumMayGo: boolean
}

interface Observed {
  readonly absent: boolean
  readonly role: string
  readonly availability: string
  readonly labels: Readonly<Record<string, string>>
  readonly managers: readonly Voter[]
}

const format = 'role={{.Spec.Role}}\navailability={{.Spec.Availability}}\nlabels={{json .Spec.Labels}}'

/** A node's role, availability and labels, seen and set on a manager. */
export function swarmNode(wish: NodeWish): Resource {
  const { id } = wish
  return resource({
    id: `swarm node ${wish.name}`,
    probe:
      id === undefined
        ? sh`echo absent=yes
`
        : sh`docker node inspect -f ${format} ${id} || exit 3
${listManagers}`,
    read: ({ stdout }) => readNode(stdout),
    plan: (observed) => planNode(wish, observed),
  })
}

/** A node that gets no tasks, and keeps none. */
export function drainedSwarmNode(node: Node): Resource {
  return resource({
    id: `swarm node ${nameOf(node)}, not in the inventory: its tasks`,
    probe: sh`docker node inspect -f ${format} ${node.id} 2>/dev/null || echo absent=yes
`,
    read: ({ stdout }) => readNode(stdout),
    plan: ({ absent, availability }) =>
      absent || availability === 'drain'
        ? unchanged
        : {
            kind: 'change',
            summary: 'drain',
            apply: sh`docker node update --availability drain ${node.id} >&2
`,
          },
  })
}

/** No node of this id: one that a host has left behind, or that was made for a host which the inventory no longer has. */
export function absentSwarmNode(
  node: Node,
  why: 'left behind' | 'not in the inventory',
  quorumMayGo: boolean,
): Resource {
  const name = nameOf(node)
  return resource({
    id: `swarm node ${name}, ${why} as ${node.id}`,
    probe: sh`docker node inspect -f 'role={{.Spec.Role}}' ${node.id} 2>/dev/null || echo absent=yes
${listManagers}`,
    read: ({ stdout }) => readNode(stdout),
    plan: ({ absent, role, managers }) => {
      if (absent) return unchanged
      if (role === 'manager') demandQuorum(managers, node.id, name, quorumMayGo)
      const demote = role === 'manager' ? sh`docker node demote ${node.id} >&2\n` : sh``
      return {
        kind: 'change',
        summary: 'remove',
        apply: sh`${demote}${untilGone(node.id)}
docker node rm --force ${node.id} >&2
`,
      }
    },
  })
}

const listManagers: Script = sh`docker node ls --filter role=manager --format 'manager={{.ID}} {{.ManagerStatus}}'
`

function readNode(stdout: string): Observed {
  const lines = stdout.split('\n').map((line) => /^([a-z]+)=(.*)$/.exec(line))
  const first = (name: string) => lines.find((match) => match?.[1] === name)?.[2]
  const managers = lines.flatMap((match) => {
    if (match?.[1] !== 'manager') return []
    const [id = '', status = ''] = (match[2] ?? '').split(' ')
    return [{ id, reachable: status === 'Leader' || status === 'Reachable' }]
  })
  return {
    absent: first('absent') === 'yes',
    role: first('role') ?? '',
    availability: first('availability') ?? '',
    labels: (JSON.parse(first('labels') ?? '{}') ?? {}) as Record<string, string>,
    managers,
  }
}

function planNode(wish: NodeWish, is: Observed): Plan {
  const { id, labels } = wish
  if (is.absent || id === undefined) {
    const told = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
    const what = [wish.availability, ...told].join(' ')
    return {
      kind: 'change',
      summary: `once it has joined: ${what}`,
      apply: sh`echo 'it has not joined the swarm' >&2; exit 1`,
    }
  }
  const gone = Object.keys(is.labels).filter((key) => !Object.hasOwn(labels, key))
  const set = Object.entries(labels).filter(([key, value]) => is.labels[key] !== value)
  const role = is.role === wish.role ? undefined : wish.role
  const availability = is.availability === wish.availability ? undefined : wish.availability
  const told = [
    ...(role === undefined ? [] : [role === 'manager' ? 'promote' : 'demote']),
    ...(availability === undefined ? [] : [`availability ${is.availability} → ${availability}`]),
    ...gone.map((key) => `label ${key} removed`),
    ...set.map(([key, value]) => `label ${key}=${value}`),
  ]
  if (told.length === 0) return unchanged
  if (role === 'worker') demandQuorum(is.managers, id, wish.name, wish.quorumMayGo)
  const words = [
    ...(role === undefined ? [] : ['--role', role]),
    ...(availability === undefined ? [] : ['--availability', availability]),
    ...gone.flatMap((key) => ['--label-rm', key]),
    ...set.flatMap(([key, value]) => ['--label-add', `${key}=${value}`]),
  ]
  const settle = role === 'manager' ? untilReachable(id) : role === 'worker' ? untilGone(id) : sh``
  return {
    kind: 'change',
    summary: told.join(', '),
    apply: sh`docker node update ${words} ${id} >&2
${settle}`,
  }
}

function demandQuorum(managers: readonly Voter[], id: string, name: string, mayGo: boolean): void {
  if (mayGo || keepsQuorum(managers, id)) return
  const well = managers.filter(({ reachable }) => reachable).length
  throw new Conflict(
    `without ${name} the swarm would lose its quorum: ${well} of ${managers.length} managers are reachable`,
    {
      hint: 'bring the other managers back first; docker swarm init --force-new-cluster on one, where they are gone for good',
    },
  )
}

/** A manager that is promoted has a say a moment later. */
function untilReachable(id: string): Script {
  return sh`n=0
until case "$(docker node inspect -f '{{with .ManagerStatus}}{{.Reachability}}{{end}}' ${id})" in reachable) true ;; *) false ;; esac; do
  n=$((n + 1)); [ $n -lt 120 ] || { echo 'it does not become a manager that the others reach' >&2; exit 1; }
  sleep 0.5
done
`
}

/** One that is demoted counts among the managers for a moment. */
function untilGone(id: string): Script {
  return sh`n=0
until [ -z "$(docker node inspect -f '{{with .ManagerStatus}}{{.Reachability}}{{end}}' ${id})" ]; do
  n=$((n + 1)); [ $n -lt 120 ] || { echo 'it goes on being a manager' >&2; exit 1; }
  sleep 0.5
done
`
}
