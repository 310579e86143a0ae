import { type Script, sh } from '../script/index.ts'

/** What a host says of its own part in a swarm. */
export interface Member {
  readonly state: 'inactive' | 'pending' | 'active' | 'error' | 'locked'
  readonly nodeId: string
  /** it says that it is a manager */
  readonly manager: boolean
  /** the engine's words for what is wrong */
  readonly error: string
  /** "10.0.0.1:2377": the managers that it knows */
  readonly remotes: readonly string[]
}

const outside: Member = { state: 'inactive', nodeId: '', manager: false, error: '', remotes: [] }

/** Prints it as JSON; nothing where there is no Docker yet. */
export const readMember: Script = sh`command -v docker >/dev/null || exit 0
docker info -f '{{json .Swarm}}'
`

export function parseMember(stdout: string): Member {
  const text = stdout.trim()
  if (text === '') return outside
  const said = JSON.parse(text) as {
    readonly NodeID: string
    readonly LocalNodeState: string
    readonly ControlAvailable: boolean
    readonly Error: string
    readonly RemoteManagers: readonly { readonly Addr: string }[] | null
  }
  return {
    state: stateOf(said.LocalNodeState),
    nodeId: said.NodeID,
    manager: said.ControlAvailable,
    error: said.Error,
    remotes: (said.RemoteManagers ?? []).map(({ Addr }) => Addr),
  }
}

function stateOf(word: string): Member['state'] {
  if (word === 'pending' || word === 'active' || word === 'error' || word === 'locked') return word
  return 'inactive'
}
