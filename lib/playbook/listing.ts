import type { Fleet } from '../engine/fleet.ts'
import type { Play } from '../engine/play.ts'
import { knownTags } from '../engine/tags.ts'

/** --list-hosts: the hosts of each play, from the inventory alone. */
export function listHosts(
  plays: readonly Play[],
  hostsOf: (play: Play) => readonly { name: string }[],
): string[] {
  return plays.flatMap((play, index) => {
    const hosts = hostsOf(play)
    return [
      `play #${index + 1} (${play.hosts}): ${rolesOf(play)}  ${hosts.length} host${hosts.length === 1 ? '' : 's'}`,
      ...hosts.map(({ name }) => `  ${name}`),
    ]
  })
}

export function listTags(plays: readonly Play[]): string[] {
  return [...knownTags(plays)]
}

/** --list-tasks: the resources of each play in order, with their tags and with the hosts that have them. */
export async function listTasks(plays: readonly Play[], fleet: Fleet): Promise<string[]> {
  const work = await fleet.outline(plays)
  return plays.flatMap((play, index) => {
    const rows = new Map<string, { tags: readonly string[]; hosts: string[] }>()
    for (const [host, mine] of work) {
      for (const task of mine.get(play)?.tasks ?? []) {
        const key = `${task.role}: ${task.resource.id}`
        const row = rows.get(key) ?? { tags: task.tags, hosts: [] }
        rows.set(key, row)
        row.hosts.push(host)
      }
    }
    return [
      `play #${index + 1} (${play.hosts}): ${rolesOf(play)}`,
      ...[...rows].map(([key, { tags, hosts }]) => `  ${key}  [${tags.join(', ')}]  ${hosts.join(', ')}`),
    ]
  })
}

function rolesOf(play: Play): string {
  return play.roles.map((role) => role.name).join(', ')
}
