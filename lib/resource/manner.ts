import { whole } from './argument.ts'
import type { Resource } from './resource.ts'

/** How the engine goes about a resource; what the resource is does not depend on it. */
export interface ResourceManner {
  /** words for --tags and --skip-tags; the role's name is always one of them */
  readonly tags?: readonly string[]
  /** a change that fails, or does not take, is tried so many times in all */
  readonly retry?: { readonly times: number; readonly delaySeconds: number }
  /** the change is cut off after so many seconds */
  readonly timeoutSeconds?: number
  /** one host of the play does it for all */
  readonly runOnce?: boolean
  /** the inventory's name of the host that it is done on instead */
  readonly delegateTo?: string
  /** at most so many hosts at a time */
  readonly throttle?: number
  /** the change runs detached from the connection, and is asked after every so many seconds */
  readonly pollSeconds?: number
}

/** Resources that --tags and --skip-tags know by these words. `always` and `never` mean what they do in Ansible. */
export function tagged(tags: string | readonly string[], ...resources: readonly Resource[]): Resource[] {
  const words = typeof tags === 'string' ? [tags] : tags
  for (const word of words) {
    if (!/^[a-z0-9][\w.-]*$/i.test(word)) throw new TypeError(`a tag is one word: ${JSON.stringify(word)}`)
  }
  return resources.map((each) => ({
    ...each,
    manner: { ...each.manner, tags: [...new Set([...(each.manner?.tags ?? []), ...words])] },
  }))
}

/**
 * Resources whose change is tried again when it fails, or when a fresh probe does not find it done (Ansible's
 * `until`): `times` in all, `delaySeconds` apart.
 */
export function retried(
  retry: { readonly times: number; readonly delaySeconds: number },
  ...resources: readonly Resource[]
): Resource[] {
  whole(retry.times, 1, 10_000, 'times')
  whole(retry.delaySeconds, 0, 86_400, 'delaySeconds')
  return withManner({ retry }, resources)
}

/** Resources whose change is cut off after so many seconds, whatever they say themselves. */
export function timedOut(timeoutSeconds: number, ...resources: readonly Resource[]): Resource[] {
  whole(timeoutSeconds, 1, 86_400 * 7, 'timeoutSeconds')
  return withManner({ timeoutSeconds }, resources)
}

/** Resources that the first host of the play does for all of them; the others wait for it. */
export function runOnce(...resources: readonly Resource[]): Resource[] {
  return withManner({ runOnce: true }, resources)
}

/** Resources that are done on another host of the inventory, with the variables and facts of this one. */
export function delegatedTo(host: string, ...resources: readonly Resource[]): Resource[] {
  return withManner({ delegateTo: host }, resources)
}

/** Resources that at most so many hosts work on at a time. */
export function throttled(throttle: number, ...resources: readonly Resource[]): Resource[] {
  whole(throttle, 1, 10_000, 'throttle')
  return withManner({ throttle }, resources)
}

/**
 * Resources whose change outlives the connection (Ansible's `async` and `poll`): it runs detached on the host and is
 * asked after every `pollSeconds`. A run that dies meanwhile leaves it running, and the next run waits for it instead
 * of starting a second.
 */
export function detached(pollSeconds: number, ...resources: readonly Resource[]): Resource[] {
  whole(pollSeconds, 1, 3600, 'pollSeconds')
  return withManner({ pollSeconds }, resources)
}

function withManner(manner: ResourceManner, resources: readonly Resource[]): Resource[] {
  return resources.map((each) => ({ ...each, manner: { ...each.manner, ...manner } }))
}
