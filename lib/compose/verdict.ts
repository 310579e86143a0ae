import type { Container } from './containers.ts'

/** What is to be said of a service that was started: it waits, it is as it should be, or it will not be. */
export type Verdict =
  | { readonly word: 'ready' | 'waiting' }
  /** between an end and the next start: once is nothing, again and again is a failure */
  | { readonly word: 'restarting'; readonly why: string }
  | { readonly word: 'failed'; readonly why: string }

/** `once` is for what runs once and ends well. */
export function verdictOf(container: Container | undefined, once: boolean): Verdict {
  if (container === undefined) return { word: 'waiting' }
  const { exitCode, health, state } = container
  if (state === 'exited' || state === 'dead') {
    if (once && exitCode === 0) return { word: 'ready' }
    return { word: 'failed', why: `it ended with exit code ${exitCode}` }
  }
  if (state === 'restarting')
    return { word: 'restarting', why: `it ends and is started again (exit code ${exitCode})` }
  if (once || state !== 'running') return { word: 'waiting' }
  if (health === 'unhealthy') return { word: 'failed', why: 'its health check fails' }
  return { word: health === '' || health === 'healthy' ? 'ready' : 'waiting' }
}
