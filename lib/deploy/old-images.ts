import type { Emit } from '../engine/event.ts'
import type { Fleet } from '../engine/fleet.ts'
import { messageOf } from '../error.ts'
import type { Host } from '../inventory/inventory.ts'
import { type Script, sh } from '../script/index.ts'
import type { Release } from './release.ts'

/** The variable that says how many releases' images stay on a host. */
export const keepReleases = {
  type: 'integer',
  minimum: 2,
  maximum: 50,
  default: 5,
  description:
    'of so many releases the images stay on each host; older ones that no container has are removed after a deploy, and pulled again where a rollback wants them',
} as const

/**
 * After a deploy: removes from hosts the images of releases that are older than the newest `count` of a history. The deploy
 * has succeeded by then: what cannot be removed is told, and stays.
 */
export async function removeOldImages(
  fleet: Fleet,
  hosts: readonly Host[],
  history: readonly Release[],
  count: number,
  emit: Emit,
): Promise<void> {
  const kept = imagesOfNewest(history, count)
  const started = performance.now()
  const removed = await Promise.all(
    hosts.map(async (host) => {
      try {
        const said = await fleet.run([host], 'remove old images', () => removal(kept), {
          timeoutSeconds: 300,
        })
        return (said.get(host.name)?.stdout ?? '').split('\n').filter(Boolean).length
      } catch (error) {
        emit({ type: 'note', text: `old images stay on ${host.name}: ${messageOf(error)}` })
        return 0
      }
    }),
  )
  const total = removed.reduce((sum, each) => sum + each, 0)
  if (total === 0) return
  const text = `${total} images of releases before the last ${count} are removed from the hosts`
  emit({ type: 'step', text, ms: performance.now() - started })
}

/** Those of the newest releases, by repository and digest; one that was deployed several times counts once. */
export function imagesOfNewest(history: readonly Release[], count: number): readonly string[] {
  const newest = new Map<string, Release>()
  for (const release of history.toReversed()) {
    if (!newest.has(release.id) && newest.size < count) newest.set(release.id, release)
  }
  return [...new Set([...newest.values()].flatMap(({ images }) => Object.values(images)))].toSorted()
}

/**
 * Prints the id of each image that is gone. Where a release was looked up by its tag, an image has that name, too. What a
 * container has stays, that of one that is stopped, too.
 */
export function removal(kept: readonly string[]): Script {
  const repositories = [...new Set(kept.map((image) => image.replace(/@.*$/, '')))]
  return sh`stays=" $(docker ps -aq | xargs -r docker inspect -f '{{.Image}}' | tr '\\n' ' ')"
for image in ${kept}; do
  stays="$stays$(docker image inspect -f '{{.Id}}' "$image" 2>/dev/null) "
done
for repository in ${repositories}; do
  docker image ls --no-trunc --digests --format '{{.ID}} {{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}' "$repository"
done | sort -u | while read -r id tag digest; do
  case $stays in *" $id "*) continue ;; esac
  for name in "$tag" "$digest"; do
    case $name in *'<none>') continue ;; esac
    docker image rm "$name" >/dev/null 2>&1
  done
  docker image inspect -f x "$id" >/dev/null 2>&1 || printf '%s\\n' "$id"
done | sort -u`
}
