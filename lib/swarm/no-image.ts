import type { Fleet } from '../engine/fleet.ts'
import { type Script, sh } from '../script/index.ts'

/** The image that a task's error is about; undefined for another error. */
export function missingImage(error: string): string | undefined {
  return /No such image: (\S+)/i.exec(error)?.[1]
}

/**
 * Why a node has not got an image. A node that cannot pull goes on as if it need not, and says of the task "No such image",
 * whether its disk is full, the registry away or the image gone: so it is pulled there once more. Gives what Docker says
 * to it; nothing for a node that is no host of the inventory or cannot be reached.
 */
export async function whyNoImage(
  fleet: Pick<Fleet, 'run' | 'inventory'>,
  node: string,
  image: string,
): Promise<readonly string[]> {
  const host = fleet.inventory.hosts.find(({ name }) => name === node)
  if (host === undefined) return []
  try {
    const results = await fleet.run([host], `pull ${image}`, () => pull(image), { timeoutSeconds: 90 })
    const said = (results.get(node)?.stdout ?? '').trim()
    return [said === '' ? 'it can be pulled there by now' : `docker pull says there: ${said}`]
  } catch {
    // What is looked for is the reason of another failure: one more is of no use.
    return []
  }
}

function pull(image: string): Script {
  return sh`timeout 60 docker pull -q ${image} 2>&1 >/dev/null | tail -n 1`
}
