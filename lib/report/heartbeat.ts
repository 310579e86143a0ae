import type { Event } from '../engine/event.ts'

const everyMs = 10_000

/** Says every ten seconds what still runs, so that a person never wonders whether anything does. */
export function heartbeat(say: (host: string, id: string, ms: number) => void): (event: Event) => void {
  const running = new Map<string, { id: string; since: number }>()
  const timer = setInterval(() => {
    const now = performance.now()
    for (const [host, { id, since }] of running) if (now - since >= everyMs * 0.9) say(host, id, now - since)
  }, everyMs)
  // It must not keep a process alive that has nothing else to do.
  timer.unref()
  return (event) => {
    if (event.type === 'applying') running.set(event.host, { id: event.id, since: performance.now() })
    else if (event.type === 'resource' || event.type === 'handler' || event.type === 'host-failed')
      running.delete(event.host)
    else if (event.type === 'recap') clearInterval(timer)
  }
}
