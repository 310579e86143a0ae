/** The port of every host of the benchmark. */
export const port = 22022

/** A loopback address of a host: 127.1.x.y is its sshd, 127.2.x.y the same behind the delaying proxy. */
export function addressOf(index: number, way: 'direct' | 'delayed'): string {
  return `127.${way === 'direct' ? 1 : 2}.${Math.floor(index / 250)}.${(index % 250) + 1}`
}
