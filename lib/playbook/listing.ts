import type { Fleet } from '../engine/fleet.ts'
import type { Play } from '../engine/play.ts'
import { knownTags } from '../engine/tags.ts'

/** What --list-hosts and its like answer: for a person as lines, for a program (--json) as data of a `result` event. */
export interface Listing {
  readonly of: 'hosts' | 'tags' | 'tasks'
  readonly lines: readonly string[]
  /** as $defs of docs/schemas/events.schema.json has it */
  readonly data: Readonly<Record<string, unknown>>
}

/** --list-hosts: the hosts of each play, from the inventory alone. */
export function listHosts(
  plays: readonly Play[],
  hostsOf: (play: Play) => readonly { name: string }[],
): Listing {
  const listed = plays.map((play) => ({ ...headOf(play), on: hostsOf(play).map(({ name }) => name) }))
  const lines = listed.flatMap(({ hosts, roles, on }, index) => [
    `play #${index + 1} (${hosts}): ${roles.join(', ')}  ${on.length} host${on.length === 1 ? '' : 's'}`,
    ...on.map((name) => `  ${name}`),
  ])
  return { of: 'hosts', lines, data: { plays: listed } }
}

export function listTags(plays: readonly Play[]): Listing {
  const tags = [...knownTags(plays)]
  return { of: 'tags', lines: tags, data: { tags } }
}

/** --list-tasks: the resources of each play in order, with their tags and with the hosts that have them. */
export async function listTasks(plays: readonly Play[], fleet: Fleet): Promise<Listing> {
  const work = await fleet.outline(plays)
  const listed = plays.map((play) => {
    const rows = new Map<string, { role: string; id: string; tags: readonly string[]; on: string[] }>()
    for (const [host, mine] of work) {
      for (const { role, resource, tags } of mine.get(play)?.tasks ?? []) {
        const key = `${role}: ${resource.id}`
        const row = rows.get(key) ?? { role, id: resource.id, tags, on: [] }
        rows.set(key, row)
        row.on.push(host)
      }
    }
    return { ...headOf(play), tasks: [...rows.values()] }
  })
  const lines = listed.flatMap(({ hosts, roles, tasks }, index) => [
    `play #${index + 1} (${hosts}): ${roles.join(', ')}`,
    ...tasks.map(({ role, id, tags, on }) => `  ${role}: ${id}  [${tags.join(', ')}]  ${on.join(', ')}`),
  ])
  return { of: 'tasks', lines, data: { plays: listed } }
}

function headOf(play: Play): { readonly hosts: string; readonly roles: readonly string[] } {
  return { hosts: play.hosts, roles: play.roles.map((role) => role.name) }
}
